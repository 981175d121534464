import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { S3Error } from "./errors.ts";
import type { Content, StoredObject } from "./object-store.ts";

/** A multipart upload that is neither completed nor aborted. */
export type Upload = {
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

export type UploadStore = {
  create(upload: Upload): Promise<string>;
  /** @throws S3Error NoSuchUpload, also when the upload is another object's */
  find(uploadId: string, bucket: string, key: string): Promise<Upload>;
  putPart(uploadId: string, number: number, content: Content): Promise<void>;
  parts(uploadId: string): Promise<Part[]>;
  /** The listed parts in one file, whose path is given; its entity tag is S3's for multipart objects. */
  join(uploadId: string, parts: readonly Part[], path: string): Promise<Content>;
  delete(uploadId: string): Promise<void>;
};

/** Multipart uploads on a file system: a folder each, a file a part, named by the part's number and MD5. */
export async function openUploadStore(dataDir: string): Promise<UploadStore> {
  const uploads = join(dataDir, "uploads");
  const pathOf = (uploadId: string, name: string) => join(uploads, uploadId, name);
  const partPath = (uploadId: string, { number, etag }: Pick<Part, "number" | "etag">) =>
    pathOf(uploadId, `${number}.${unquoted(etag)}`);
  await mkdir(uploads, { recursive: true });
  await sweepAbandoned(uploads);

  async function parts(uploadId: string): Promise<Part[]> {
    const names = (await readdir(join(uploads, uploadId))).filter((name) => name !== "upload.json");
    const found = await Promise.all(names.map((name) => readPart(pathOf(uploadId, name), name)));
    return found.sort((a, b) => a.number - b.number);
  }

  return {
    parts,

    async create(upload) {
      const uploadId = randomUUID();
      await mkdir(join(uploads, uploadId));
      await writeFile(pathOf(uploadId, "upload.json"), JSON.stringify(upload));
      return uploadId;
    },

    async find(uploadId, bucket, key) {
      const text = isUploadId(uploadId)
        ? await readFile(pathOf(uploadId, "upload.json"), "utf8").catch(() => undefined)
        : undefined;
      const upload = text === undefined ? undefined : (JSON.parse(text) as Upload);
      if (upload?.bucket !== bucket || upload.key !== key)
        throw new S3Error("NoSuchUpload", "The specified multipart upload does not exist.");
      return upload;
    },

    async putPart(uploadId, number, content) {
      const replaced = (await parts(uploadId)).filter(
        (part) => part.number === number && part.etag !== content.etag,
      );
      await rename(content.path, partPath(uploadId, { number, etag: content.etag }));
      for (const part of replaced) await rm(partPath(uploadId, part), { force: true });
    },

    async join(uploadId, list, path) {
      const target = createWriteStream(path);
      async function* bytes() {
        for (const part of list) yield* createReadStream(partPath(uploadId, part));
      }
      await pipeline(bytes, target);
      return { path, size: target.bytesWritten, etag: multipartEtag(list) };
    },

    delete: (uploadId) => rm(join(uploads, uploadId), { recursive: true, force: true }),
  };
}

/** As the bucket's lifecycle rule has it in AWS (`AbortIncompleteMultipartUpload`). */
const abandonedAfterMs = 2 * 86_400_000;

/** A laptop is started often enough: what was begun long ago is deleted then. */
async function sweepAbandoned(uploads: string): Promise<void> {
  for (const uploadId of await readdir(uploads)) {
    const begun = await stat(join(uploads, uploadId, "upload.json")).catch(() => undefined);
    if (begun && Date.now() - begun.mtimeMs > abandonedAfterMs)
      await rm(join(uploads, uploadId), { recursive: true, force: true });
  }
}

/** The MD5 of the parts' MD5s, and how many there are. */
function multipartEtag(parts: readonly Part[]): string {
  const digests = parts.map(({ etag }) => Buffer.from(unquoted(etag), "hex"));
  return `"${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${parts.length}"`;
}

async function readPart(path: string, name: string): Promise<Part> {
  const [number = "", md5 = ""] = name.split(".");
  const { size, mtime } = await stat(path);
  return { number: Number(number), etag: `"${md5}"`, size, lastModified: mtime.toISOString() };
}

const unquoted = (etag: string): string => etag.replaceAll('"', "");

/** Identifiers come from outside and become paths. */
const isUploadId = (text: string): boolean => /^[0-9a-f-]{36}$/.test(text);
