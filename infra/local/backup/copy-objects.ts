import { constants, copyFile, link, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { forEachBounded } from "../bounded.ts";
import { ignoreMissing } from "../ignore-missing.ts";

export type ObjectCopy = {
  /** Copies the objects that are there and were not copied yet. */
  copyNew(): Promise<void>;
  /** Whether an object of the bucket is in the copy. */
  has(bucket: string, key: string): boolean;
};

/**
 * Copies the folder of an embedded S3 while it is in use. Neither an object's bytes nor its pointer is ever changed in
 * place (`s3/object-store.ts`), so hard links will do where both folders are on one file system. What is removed
 * meanwhile is left out; open uploads are, too.
 *
 * @param onObject told of each object that was copied
 */
export function createObjectCopy(from: string, to: string, onObject: () => void = () => {}): ObjectCopy {
  /** Keys by bucket, and the pointers by their paths. */
  const copied = new Map<string, Set<string>>();
  const seen = new Set<string>();

  /** The pointer first: its copy stays as it is, whatever becomes of the object. */
  async function copyObject(bucket: string, name: string): Promise<void> {
    const path = join("buckets", bucket, name);
    const target = join(to, path);
    for (let tries = 0; tries < maxTries; tries++) {
      if (!(await linkOrCopy(join(from, path), target))) return;
      const pointer = await readPointer(target);
      if (pointer && (await linkOrCopy(join(from, "data", pointer.file), join(to, "data", pointer.file)))) {
        seen.add(path);
        copied.set(bucket, (copied.get(bucket) ?? new Set()).add(pointer.key));
        onObject();
        return;
      }
      // Damaged, or replaced since: see what is there now.
      await rm(target, { force: true });
    }
  }

  return {
    async copyNew() {
      await mkdir(join(to, "data"), { recursive: true, mode: 0o700 });
      for (const bucket of await namesIn(join(from, "buckets"))) {
        await mkdir(join(to, "buckets", bucket), { recursive: true, mode: 0o700 });
        const names = await namesIn(join(from, "buckets", bucket));
        await forEachBounded(
          names.filter((name) => !seen.has(join("buckets", bucket, name))),
          objectsAtOnce,
          (name) => copyObject(bucket, name),
        );
      }
    },
    has: (bucket, key) => copied.get(bucket)?.has(key) ?? false,
  };
}

const maxTries = 5;
const objectsAtOnce = 8;

type Pointer = { readonly key: string; readonly file: string };

/** Undefined where it is gone, or cannot be read: `npm run check` tells of that. */
async function readPointer(path: string): Promise<Pointer | undefined> {
  const text = await readFile(path, "utf8").catch(ignoreMissing);
  if (text === undefined) return undefined;
  try {
    const { key, file } = JSON.parse(text.split("\n")[0] ?? "") as Partial<Pointer>;
    return typeof key === "string" && typeof file === "string" && /^[\w-]+$/.test(file)
      ? { key, file }
      : undefined;
  } catch {
    return undefined;
  }
}

/** @returns whether it was there */
async function linkOrCopy(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return false;
    if (code === "EEXIST") return true;
    if (code === "ENOSPC" || code === "EDQUOT") throw error;
  }
  // Another file system, or one without links, or too many of them.
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    return ignoreMissing(error as NodeJS.ErrnoException) ?? false;
  }
}

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(ignoreMissing)) ?? [];
