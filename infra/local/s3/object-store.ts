import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LRUCache } from "lru-cache";
import type { Log } from "../../../core/domain/ports.ts";
import { createKeyedQueue } from "../bounded.ts";
import { type Disk, discard, writeFileSynced } from "../disk.ts";
import { ignoreMissing } from "../ignore-missing.ts";
import { createBucketIndexes } from "./bucket-indexes.ts";
import { DamageError } from "./checksums.ts";
import { createDamageReports } from "./damage-reports.ts";
import { S3Error } from "./errors.ts";
import type { KeyIndex } from "./key-index.ts";
import { createLegacyChecksums } from "./legacy-checksums.ts";
import { encodePointer, PointerError, pointerName, readPointer, type StoredObject } from "./pointers.ts";

export type { StoredObject } from "./pointers.ts";

/** Bytes that have arrived whole, synced, in a file of `incoming`. */
export type Content = Pick<StoredObject, "size" | "etag"> & {
  readonly path: string;
  readonly checksums: string;
  /** CRC-32 of the whole, as a decimal number. */
  readonly crc: string;
};

/** An object with its checksums, and the open file of its bytes. */
export type OpenObject = {
  readonly object: StoredObject & { readonly checksums: string };
  readonly file: FileHandle;
};

export type ObjectFiles = {
  /** A new file to receive bytes in. */
  incoming(): string;
  /** False when it is there already. */
  createBucket(bucket: string): Promise<boolean>;
  deleteBucket(bucket: string): Promise<void>;
  /** @throws S3Error NoSuchBucket */
  assertBucket(bucket: string): Promise<void>;
  /** @throws S3Error NoSuchKey, NoSuchBucket; PointerError */
  find(bucket: string, key: string): Promise<StoredObject>;
  /**
   * The object and its bytes, of one version whatever is written meanwhile. The caller closes the file.
   * @throws DamageError, PointerError, S3Error
   */
  open(bucket: string, key: string): Promise<OpenObject>;
  /**
   * Replaces the object at once, or not at all where `check` throws. What it resolves to is on disk; a power cut before
   * leaves the old object or the new one, whole.
   */
  put(
    bucket: string,
    key: string,
    content: Content,
    headers: StoredObject["headers"],
    check: (existing: StoredObject | undefined) => void,
  ): Promise<StoredObject>;
  delete(bucket: string, key: string): Promise<void>;
  /** Every object whose pointer can be read, by key. */
  list(bucket: string): Promise<KeyIndex>;
  /** Tells of an object that could not be read, once. */
  reportDamage(bucket: string, key: string, error: DamageError | PointerError): void;
};

export type ObjectStoreOptions = { readonly dataDir: string; readonly disk: Disk; readonly log: Log };

const rememberedPointers = 4096;

/**
 * Objects on a file system. An object is a small JSON file, named by the hash of its key, that points to a file of
 * bytes. Renaming a new JSON file over the old is the commit: before it the old object is whole, after it the new. The
 * bytes are synced, and the folder that names them, before the commit; the old bytes are removed after it is synced.
 */
export async function openObjectStore({ dataDir, disk, log }: ObjectStoreOptions): Promise<ObjectFiles> {
  const incomingDir = join(dataDir, "incoming");
  const dataFiles = join(dataDir, "data");
  const bucketsDir = join(dataDir, "buckets");
  const bucketDir = (bucket: string) => join(bucketsDir, bucket);
  const pointerPath = (bucket: string, key: string) => join(bucketDir(bucket), pointerName(key));
  const dataPath = ({ file }: Pick<StoredObject, "file">) => join(dataFiles, file);
  const incoming = () => join(incomingDir, randomUUID());

  await disk.remove(incomingDir);
  for (const folder of [incomingDir, dataFiles, bucketsDir]) await disk.makeFolder(folder);
  for (const folder of [dataDir, dirname(dataDir)]) await disk.syncFolder(folder);

  const buckets = new Set<string>();
  const pointers = new LRUCache<string, StoredObject>({ max: rememberedPointers });
  const inTurn = createKeyedQueue();
  const reports = createDamageReports(log);
  const indexes = createBucketIndexes({ bucketDir, onDamage: reports.pointer });
  // Counts commits: a pointer that was read before one may be older than what is remembered of it.
  let commits = 0;

  async function lookUp(path: string): Promise<StoredObject | undefined> {
    const known = pointers.get(path);
    if (known) return known;
    const before = commits;
    const object = await readPointer(path);
    if (object && before === commits) pointers.set(path, object);
    return object;
  }

  /** The object that a write replaces. A pointer that cannot be read is nothing any more: a write mends it. */
  async function lookUpToReplace(path: string): Promise<StoredObject | undefined> {
    return lookUp(path).catch((error: unknown) => {
      if (!(error instanceof PointerError)) throw error;
      reports.pointer(error);
      return undefined;
    });
  }

  async function assertBucket(bucket: string): Promise<void> {
    if (buckets.has(bucket)) return;
    if (!isBucketName(bucket) || !(await exists(bucketDir(bucket))))
      throw new S3Error("NoSuchBucket", "The specified bucket does not exist");
    buckets.add(bucket);
  }

  async function find(bucket: string, key: string): Promise<StoredObject> {
    await assertBucket(bucket);
    const object = await lookUp(pointerPath(bucket, key));
    if (!object) throw new S3Error("NoSuchKey", "The specified key does not exist.");
    return object;
  }

  /** Writes the pointer aside and puts it in its place; the bytes that it names are there. */
  async function commit(bucket: string, object: StoredObject): Promise<void> {
    const path = pointerPath(bucket, object.key);
    const aside = incoming();
    await writeFileSynced(disk, aside, encodePointer(object));
    try {
      await disk.rename(aside, path);
    } catch (error) {
      await discard(disk, aside);
      throw error;
    }
    commits += 1;
    pointers.set(path, object);
    indexes.set(bucket, object);
  }

  /** Removes bytes that no pointer names; in doubt they stay, for `check` to find. */
  async function discardUnnamed(path: string, object: Pick<StoredObject, "file">): Promise<void> {
    const named = await readPointer(path).catch(() => object);
    if (named?.file !== object.file) await discard(disk, dataPath(object));
  }

  const legacy = createLegacyChecksums({
    dataPath,
    remember: (bucket, object) =>
      inTurn(pointerPath(bucket, object.key), async () => {
        const current = await lookUp(pointerPath(bucket, object.key));
        if (current?.file === object.file) await commit(bucket, object);
      }),
  });

  return {
    incoming,
    assertBucket,
    find,

    reportDamage(bucket, key, error) {
      const path = pointerPath(bucket, key);
      const object = pointers.get(path);
      reports.object({ bucket, key, path: object ? dataPath(object) : path }, error);
    },

    async createBucket(bucket) {
      if (!isBucketName(bucket)) throw new S3Error("InvalidBucketName", "The specified bucket is not valid.");
      const isNew = (await mkdir(bucketDir(bucket), { recursive: true })) !== undefined;
      await disk.syncFolder(bucketsDir);
      return isNew;
    },

    async deleteBucket(bucket) {
      await assertBucket(bucket);
      await rmdir(bucketDir(bucket)).catch(() => {
        throw new S3Error("BucketNotEmpty", "The bucket you tried to delete is not empty");
      });
      buckets.delete(bucket);
      indexes.forget(bucket);
    },

    async open(bucket, key) {
      let missing: string | undefined;
      for (;;) {
        const object = await find(bucket, key);
        const file = await open(dataPath(object)).catch(ignoreMissing);
        if (file) return { object: await legacy.complete(bucket, object, file), file };
        if (missing === object.file) throw new DamageError("the file of its bytes is missing");
        // Replaced, and its bytes removed, since it was found: find the new one.
        missing = object.file;
        pointers.delete(pointerPath(bucket, key));
      }
    },

    async put(bucket, key, { path: contentPath, size, etag, checksums }, headers, check) {
      const path = pointerPath(bucket, key);
      const file = randomUUID();
      try {
        await disk.rename(contentPath, dataPath({ file }));
        await disk.syncFolder(dataFiles);
        return await inTurn(path, async () => {
          const existing = await lookUpToReplace(path);
          check(existing);
          const lastModified = new Date().toISOString();
          const object = { key, file, size, etag, lastModified, headers, checksums };
          await commit(bucket, object);
          await disk.syncFolder(bucketDir(bucket));
          if (existing) await discard(disk, dataPath(existing));
          return object;
        });
      } catch (error) {
        await discard(disk, contentPath);
        await discardUnnamed(path, { file });
        throw error;
      }
    },

    delete: (bucket, key) => {
      const path = pointerPath(bucket, key);
      return inTurn(path, async () => {
        const object = await lookUpToReplace(path);
        await disk.remove(path);
        commits += 1;
        pointers.delete(path);
        indexes.delete(bucket, key);
        if (!object) return;
        // Else a power cut could bring the pointer back, and not the bytes.
        await disk.syncFolder(bucketDir(bucket));
        await discard(disk, dataPath(object));
      });
    },

    async list(bucket) {
      await assertBucket(bucket);
      return indexes.of(bucket);
    },
  };
}

const isBucketName = (bucket: string): boolean => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket);

const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(ignoreMissing)) !== undefined;
