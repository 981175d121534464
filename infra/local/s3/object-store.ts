import { createHash, randomUUID } from "node:crypto";
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { S3Error } from "./errors.ts";

/** What is kept of an object beside its bytes. */
export type StoredObject = {
  readonly key: string;
  /** The file of its bytes, below `data`. Each write has a file of its own. */
  readonly file: string;
  readonly size: number;
  /** With its quotes, as HTTP has it. */
  readonly etag: string;
  /** ISO 8601, UTC. */
  readonly lastModified: string;
  /** Answered with the object: Content-Type, Cache-Control, x-amz-meta-… */
  readonly headers: Readonly<Record<string, string>>;
};

/** Bytes that have arrived whole, in a file of `incoming`. */
export type Content = { readonly path: string; readonly size: number; readonly etag: string };

export type ObjectStore = {
  /** A new file to receive bytes in. */
  incoming(): string;
  /** False when it is there already. */
  createBucket(bucket: string): Promise<boolean>;
  deleteBucket(bucket: string): Promise<void>;
  /** @throws S3Error NoSuchBucket */
  assertBucket(bucket: string): Promise<void>;
  /** @throws S3Error NoSuchKey, NoSuchBucket */
  find(bucket: string, key: string): Promise<StoredObject>;
  /** The object and its bytes, of one version whatever is written meanwhile. The caller closes the file. */
  open(bucket: string, key: string): Promise<{ readonly object: StoredObject; readonly file: FileHandle }>;
  /** Replaces the object at once, or not at all where `check` throws. */
  put(
    bucket: string,
    key: string,
    content: Content,
    headers: StoredObject["headers"],
    check: (existing: StoredObject | undefined) => void,
  ): Promise<StoredObject>;
  delete(bucket: string, key: string): Promise<void>;
  /** In the order of the keys' UTF-8 bytes. */
  list(bucket: string): Promise<StoredObject[]>;
};

/**
 * Objects on a file system. An object is a small JSON file, named by the hash of its key, that points to a file of
 * bytes. Renaming a new JSON file over the old is the commit: before it the old object is whole, after it the new.
 */
export async function openObjectStore(dataDir: string): Promise<ObjectStore> {
  const incomingDir = join(dataDir, "incoming");
  const dataFiles = join(dataDir, "data");
  const bucketDir = (bucket: string) => join(dataDir, "buckets", bucket);
  const pointerPath = (bucket: string, key: string) => join(bucketDir(bucket), pointerName(key));
  const incoming = () => join(incomingDir, randomUUID());

  await rm(incomingDir, { recursive: true, force: true });
  await Promise.all([incomingDir, dataFiles, bucketDir("")].map((dir) => mkdir(dir, { recursive: true })));

  const buckets = new Set<string>();
  const objects = new Map<string, StoredObject>();
  const oneAtATime = createQueue();

  async function lookUp(bucket: string, key: string): Promise<StoredObject | undefined> {
    const path = pointerPath(bucket, key);
    const object = objects.get(path) ?? (await readPointer(path));
    if (object && !objects.has(path)) objects.set(path, object);
    return object;
  }

  async function assertBucket(bucket: string): Promise<void> {
    if (buckets.has(bucket)) return;
    if (!isBucketName(bucket) || !(await exists(bucketDir(bucket))))
      throw new S3Error("NoSuchBucket", "The specified bucket does not exist");
    buckets.add(bucket);
  }

  async function find(bucket: string, key: string): Promise<StoredObject> {
    await assertBucket(bucket);
    const object = await lookUp(bucket, key);
    if (!object) throw new S3Error("NoSuchKey", "The specified key does not exist.");
    return object;
  }

  const removeData = ({ file }: StoredObject) => rm(join(dataFiles, file), { force: true });

  return {
    incoming,
    assertBucket,
    find,

    async createBucket(bucket) {
      if (!isBucketName(bucket)) throw new S3Error("InvalidBucketName", "The specified bucket is not valid.");
      return (await mkdir(bucketDir(bucket), { recursive: true })) !== undefined;
    },

    async deleteBucket(bucket) {
      await assertBucket(bucket);
      await rmdir(bucketDir(bucket)).catch(() => {
        throw new S3Error("BucketNotEmpty", "The bucket you tried to delete is not empty");
      });
      buckets.delete(bucket);
    },

    async open(bucket, key) {
      for (;;) {
        const object = await find(bucket, key);
        const file = await open(join(dataFiles, object.file)).catch(ignoreMissing);
        // Replaced, and its bytes removed, since it was found: find the new one.
        if (file) return { object, file };
        if (objects.get(pointerPath(bucket, key)) === object)
          throw new Error(`The bytes of ${key} are missing`);
      }
    },

    put: (bucket, key, content, headers, check) =>
      oneAtATime(async () => {
        const existing = await lookUp(bucket, key);
        check(existing);
        const object: StoredObject = {
          key,
          file: randomUUID(),
          size: content.size,
          etag: content.etag,
          lastModified: new Date().toISOString(),
          headers,
        };
        const pointer = incoming();
        await writeFile(pointer, JSON.stringify(object));
        await rename(content.path, join(dataFiles, object.file));
        await rename(pointer, pointerPath(bucket, key));
        objects.set(pointerPath(bucket, key), object);
        if (existing) await removeData(existing);
        return object;
      }),

    delete: (bucket, key) =>
      oneAtATime(async () => {
        const object = await lookUp(bucket, key);
        if (!object) return;
        await rm(pointerPath(bucket, key), { force: true });
        objects.delete(pointerPath(bucket, key));
        await removeData(object);
      }),

    async list(bucket) {
      await assertBucket(bucket);
      const names = await readdir(bucketDir(bucket));
      const all = await Promise.all(
        names.map(
          (name) => objects.get(join(bucketDir(bucket), name)) ?? readPointer(join(bucketDir(bucket), name)),
        ),
      );
      return all
        .filter((object) => object !== undefined)
        .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    },
  };
}

/** A key may be longer than a file's name, and may hold what no name can. */
const pointerName = (key: string): string => createHash("sha256").update(key).digest("hex");

const isBucketName = (bucket: string): boolean => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket);

async function readPointer(path: string): Promise<StoredObject | undefined> {
  const text = await readFile(path, "utf8").catch(ignoreMissing);
  return text === undefined ? undefined : (JSON.parse(text) as StoredObject);
}

const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(ignoreMissing)) !== undefined;

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** Runs tasks one after the other. */
function createQueue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
}
