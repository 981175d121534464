import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { ulid } from "ulid";
import type { Log } from "../../core/domain/ports.ts";
import type { ObjectReader, ReadRequest } from "../../core/domain/shared/object-store.ts";
import { makeFolder } from "../make-folder.ts";

export type DiskCacheOptions = {
  readonly source: ObjectReader;
  /** A folder of this process alone. */
  readonly folder: string;
  /** Most bytes of audio kept in the folder. */
  readonly maxBytes: number;
  /** A read that begins at a multiple of this is kept (bytes); the rest of a block whose body broke is not. */
  readonly blockBytes: number;
  readonly log: Log;
};

export type DiskCache = ObjectReader & {
  /** Resolves when everything read so far is on disk, or will not be. */
  settled(): Promise<void>;
  stats(): { readonly bytes: number; readonly files: number };
};

const digestBytes = 32;
const digestOf = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** Most files that are being written at once; on a slow disk, more than that are not kept. */
const maxWrites = 64;

const temporary = ".part";

/**
 * Keeps what was read from `source` in files and reads it from them, also after a restart. A file holds
 * the bytes and then their SHA-256; one that does not match is dropped and fetched anew. The disk's own trouble is
 * logged and costs nothing but speed.
 * @throws Error where the folder cannot be used
 */
export async function openDiskCache(options: DiskCacheOptions): Promise<DiskCache> {
  const { source, folder, maxBytes, blockBytes, log } = options;
  const fileOf = (name: string): string => join(folder, name);
  const writes = new Set<Promise<void>>();

  const drop = (name: string): void => {
    rm(fileOf(name), { force: true }).catch((err) => log.warn({ err }, "A cached file could not be deleted"));
  };
  const kept = new LRUCache<string, number>({
    maxSize: maxBytes,
    sizeCalculation: (bytes) => bytes,
    dispose: (_bytes, name, reason) => reason === "set" || drop(name),
  });
  for (const { name, bytes } of await openFolder(folder)) kept.set(name, bytes);

  async function recall(name: string, length: number): Promise<Buffer | undefined> {
    if (kept.get(name) === undefined) return undefined;
    const content = await readFile(fileOf(name)).catch(() => Buffer.alloc(0));
    const bytes = content.subarray(0, length);
    if (bytes.length === length && digestOf(bytes).equals(content.subarray(length))) {
      const now = new Date();
      // After a restart the time of a file says how recently it was used.
      utimes(fileOf(name), now, now).catch(() => {});
      return bytes;
    }
    log.warn({ file: fileOf(name) }, "A cached file was damaged; it is fetched anew");
    kept.delete(name);
    return undefined;
  }

  function keep(name: string, bytes: Buffer): void {
    if (writes.size >= maxWrites || bytes.length > maxBytes) return;
    const work = write(fileOf(name), bytes)
      .then(() => void kept.set(name, bytes.length))
      .catch((err) => log.warn({ err }, "Audio could not be cached on disk"))
      .finally(() => writes.delete(work));
    writes.add(work);
  }

  async function* passing(name: string, length: number, body: AsyncIterable<Uint8Array>) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) {
      chunks.push(chunk);
      yield chunk;
    }
    const bytes = Buffer.concat(chunks);
    if (bytes.length === length) keep(name, bytes);
  }

  return {
    async read(request) {
      const name = nameOf(request);
      const length = request.end - request.start + 1;
      const found = await recall(name, length);
      if (found) return once(found);
      const body = await source.read(request);
      return request.start % blockBytes === 0 ? passing(name, length, body) : body;
    },
    settled: async () => void (await Promise.all(writes)),
    stats: () => ({ bytes: kept.calculatedSize, files: kept.size }),
  };
}

/** The file name of these bytes of this version. */
const nameOf = ({ key, etag, start, end }: ReadRequest): string =>
  createHash("sha256")
    .update(JSON.stringify([key, etag, start, end]))
    .digest("hex");

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Writes a file whole or not at all: no reader finds one that is only begun. */
async function write(file: string, bytes: Buffer): Promise<void> {
  const begun = `${file}.${ulid()}${temporary}`;
  try {
    await writeFile(begun, [bytes, digestOf(bytes)]);
    await rename(begun, file);
  } catch (error) {
    await rm(begun, { force: true });
    throw error;
  }
}

type Found = { readonly name: string; readonly bytes: number; readonly usedAt: number };

/** Lists the files of an earlier process, longest unused first, and deletes those that it only began. */
async function openFolder(folder: string): Promise<readonly Found[]> {
  const names = await makeFolder(folder)
    .then(() => readdir(folder))
    .catch((error: Error) => {
      throw new Error(`AUDIO_CACHE_DIR cannot be used: ${error.message}`, { cause: error });
    });
  const found = await Promise.all(names.map((name) => lookAt(folder, name)));
  return found.flatMap((file) => file ?? []).toSorted((a, b) => a.usedAt - b.usedAt);
}

async function lookAt(folder: string, name: string): Promise<Found | undefined> {
  if (name.endsWith(temporary)) await rm(join(folder, name), { force: true });
  if (!/^[0-9a-f]{64}$/.test(name)) return undefined;
  const { size, mtimeMs } = await stat(join(folder, name));
  return { name, bytes: Math.max(1, size - digestBytes), usedAt: mtimeMs };
}
