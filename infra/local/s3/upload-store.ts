import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { forEachBounded } from "../bounded.ts";
import { type Disk, discard, writeFileSynced } from "../disk.ts";
import { checksumBlockBytes, createBlockWriter, DamageError } from "./checksums.ts";
import { S3Error } from "./errors.ts";
import { multipartEtag } from "./etags.ts";
import type { Content, StoredObject } from "./object-store.ts";

/** A multipart upload that is neither completed nor aborted. */
type Upload = {
  readonly bucket: string;
  readonly key: string;
  readonly headers: StoredObject["headers"];
};

export type Part = {
  readonly number: number;
  readonly etag: string;
  readonly size: number;
  readonly lastModified: string;
};

export type UploadFiles = {
  create(upload: Upload): Promise<string>;
  /** @throws S3Error NoSuchUpload, also when the upload is another object's */
  find(uploadId: string, bucket: string, key: string): Promise<Upload>;
  putPart(uploadId: string, number: number, content: Content): Promise<void>;
  parts(uploadId: string): Promise<Part[]>;
  /**
   * The listed parts in one file, whose path is given, synced; its entity tag is S3's for multipart objects.
   * @throws DamageError where a part's bytes are not those that came
   */
  join(uploadId: string, parts: readonly Part[], path: string): Promise<Content>;
  delete(uploadId: string): Promise<void>;
  /** Deletes what was begun long ago and never ended. */
  sweep(): Promise<void>;
};

/** Part files read at once; see `pointersAtOnce`. */
const partsAtOnce = 32;
const descriptionName = "upload.json";

type UploadStoreOptions = { readonly dataDir: string; readonly disk: Disk };

/**
 * Multipart uploads on a file system: a folder each, a file a part, named by the part's number, its MD5 and its CRC-32.
 * What was acknowledged is on disk, and a folder is there whole or not at all.
 */
export async function openUploadStore({ dataDir, disk }: UploadStoreOptions): Promise<UploadFiles> {
  const uploads = join(dataDir, "uploads");
  const folderOf = (uploadId: string) => join(uploads, uploadId);
  const pathOf = (uploadId: string, name: string) => join(uploads, uploadId, name);
  const aside = () => join(dataDir, "incoming", randomUUID());
  await disk.makeFolder(uploads);
  await disk.syncFolder(dataDir);

  async function partFiles(uploadId: string): Promise<PartFile[]> {
    const names = (await readdir(folderOf(uploadId))).filter((name) => name !== descriptionName);
    const found: PartFile[] = [];
    await forEachBounded(names, partsAtOnce, async (name) => {
      found.push(await readPart(pathOf(uploadId, name), name));
    });
    return found.sort((a, b) => a.number - b.number);
  }

  /** Out of sight at once, so that a power cut cannot leave some parts of it. */
  async function remove(uploadId: string): Promise<void> {
    const removed = aside();
    await disk.rename(folderOf(uploadId), removed).catch(ignoreMissing);
    try {
      await disk.syncFolder(uploads);
    } finally {
      await discard(disk, removed);
    }
  }

  const store: UploadFiles = {
    parts: partFiles,

    async create(upload) {
      const uploadId = randomUUID();
      const folder = aside();
      try {
        await disk.makeFolder(folder);
        await writeFileSynced(disk, join(folder, descriptionName), JSON.stringify(upload));
        await disk.syncFolder(folder);
        await disk.rename(folder, folderOf(uploadId));
      } catch (error) {
        await discard(disk, folder);
        throw error;
      }
      await disk.syncFolder(uploads);
      return uploadId;
    },

    async find(uploadId, bucket, key) {
      const text = isUploadId(uploadId)
        ? await readFile(pathOf(uploadId, descriptionName), "utf8").catch(ignoreMissing)
        : undefined;
      const upload = text === undefined ? undefined : parseUpload(text);
      if (upload?.bucket !== bucket || upload.key !== key) throw noSuchUpload();
      return upload;
    },

    async putPart(uploadId, number, content) {
      const name = partName(number, content);
      let before: readonly PartFile[];
      try {
        before = (await partFiles(uploadId)).filter((part) => part.number === number);
        await disk.rename(content.path, pathOf(uploadId, name));
      } catch (error) {
        await discard(disk, content.path);
        throw isMissing(error) ? noSuchUpload() : error;
      }
      await disk.syncFolder(folderOf(uploadId));
      for (const replaced of before)
        if (replaced.name !== name) await discard(disk, pathOf(uploadId, replaced.name));
    },

    async join(uploadId, list, path) {
      const files = new Map((await partFiles(uploadId)).map((part) => [`${part.number} ${part.etag}`, part]));
      const target = await disk.create(path);
      try {
        try {
          const writer = createBlockWriter(target);
          for (const { number, etag } of list) {
            const part = files.get(`${number} ${etag}`);
            if (!part) throw new S3Error("InvalidPart", `The part ${number} could not be found.`);
            for await (const bytes of checkedBytes(pathOf(uploadId, part.name), part))
              await writer.write(bytes);
          }
          const written = await writer.end();
          await target.sync();
          const digests = list.map(({ etag }) => Buffer.from(unquoted(etag), "hex"));
          return { path, ...written, etag: multipartEtag(digests) };
        } finally {
          await target.close();
        }
      } catch (error) {
        await discard(disk, path);
        throw error;
      }
    },

    delete: remove,

    async sweep() {
      for (const uploadId of await readdir(uploads)) {
        const begun = await stat(pathOf(uploadId, descriptionName))
          .catch(() => stat(folderOf(uploadId)))
          .catch(() => undefined);
        if (begun && Date.now() - begun.mtimeMs > abandonedAfterMs) await remove(uploadId);
      }
    },
  };
  return store;
}

/** As the bucket's lifecycle rule has it in AWS (`AbortIncompleteMultipartUpload`). */
const abandonedAfterMs = 2 * 86_400_000;

/** A description that cannot be read is of an upload that is as good as gone: it is begun again. */
function parseUpload(text: string): Upload | undefined {
  try {
    return JSON.parse(text) as Upload;
  } catch {
    return undefined;
  }
}

type PartFile = Part & {
  readonly name: string;
  /** Of the whole part; parts of before have none. */
  readonly crc: string | undefined;
};

const partName = (number: number, { etag, crc }: Content): string => `${number}.${unquoted(etag)}.${crc}`;

async function readPart(path: string, name: string): Promise<PartFile> {
  const [number = "", md5 = "", crc] = name.split(".");
  const { size, mtime } = await stat(path);
  return { name, number: Number(number), etag: `"${md5}"`, size, lastModified: mtime.toISOString(), crc };
}

/** The bytes of a part. @throws DamageError after the last where they are not those that came */
async function* checkedBytes(path: string, { number, crc }: PartFile): AsyncGenerator<Buffer> {
  let sum = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: checksumBlockBytes })) {
    sum = crc32(chunk as Buffer, sum);
    yield chunk as Buffer;
  }
  if (crc !== undefined && crc !== String(sum))
    throw new DamageError(`the part ${number} of its upload differs from what came`);
}

const unquoted = (etag: string): string => etag.replaceAll('"', "");

/** Identifiers come from outside and become paths. */
const isUploadId = (text: string): boolean => /^[0-9a-f-]{36}$/.test(text);

const noSuchUpload = (): S3Error =>
  new S3Error("NoSuchUpload", "The specified multipart upload does not exist.");

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
