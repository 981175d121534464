import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { forEachBounded } from "../bounded.ts";
import { createKeyIndex, type KeyIndex, type ListedObject } from "./key-index.ts";
import { isPointerName, PointerError, pointerName, readPointer } from "./pointers.ts";

export type BucketIndexes = {
  /** Reads every pointer of the bucket the first time, and none again. */
  of(bucket: string): Promise<KeyIndex>;
  set(bucket: string, object: ListedObject): void;
  delete(bucket: string, key: string): void;
  forget(bucket: string): void;
};

type Options = {
  readonly bucketDir: (bucket: string) => string;
  readonly onDamage: (error: PointerError) => void;
};

/** Far fewer than the fewest descriptors that a process is given (256, on macOS). */
const pointersAtOnce = 32;

/** The keys of each bucket in memory, from the first listing on. */
export function createBucketIndexes({ bucketDir, onDamage }: Options): BucketIndexes {
  const loaded = new Map<string, KeyIndex>();
  const loading = new Map<string, { readonly index: Promise<KeyIndex>; readonly changed: Changes }>();

  async function load(bucket: string, changed: Changes): Promise<KeyIndex> {
    const found = new Map<string, ListedObject>();
    const names = await readdir(bucketDir(bucket));
    await forEachBounded(names.filter(isPointerName), pointersAtOnce, async (name) => {
      const object = await readPointer(join(bucketDir(bucket), name)).catch((error: unknown) => {
        if (!(error instanceof PointerError)) throw error;
        onDamage(error);
        return undefined;
      });
      if (object) found.set(name, toListed(object));
    });
    // What was written meanwhile may have been read before or after.
    for (const [name, object] of changed)
      if (object) found.set(name, object);
      else found.delete(name);
    const index = createKeyIndex(found.values());
    loaded.set(bucket, index);
    return index;
  }

  return {
    of(bucket) {
      const ready = loaded.get(bucket) ?? loading.get(bucket)?.index;
      if (ready) return Promise.resolve(ready);
      const changed: Changes = new Map();
      const index = load(bucket, changed).finally(() => loading.delete(bucket));
      loading.set(bucket, { index, changed });
      return index;
    },
    set(bucket, object) {
      const listed = toListed(object);
      loaded.get(bucket)?.set(listed);
      loading.get(bucket)?.changed.set(pointerName(object.key), listed);
    },
    delete(bucket, key) {
      loaded.get(bucket)?.delete(key);
      loading.get(bucket)?.changed.set(pointerName(key), undefined);
    },
    forget: (bucket) => void loaded.delete(bucket),
  };
}

/** Objects by the names of their pointers; undefined where one was deleted. */
type Changes = Map<string, ListedObject | undefined>;

const toListed = ({ key, file, size, etag, lastModified }: ListedObject): ListedObject => ({
  key,
  file,
  size,
  etag,
  lastModified,
});
