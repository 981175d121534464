import type { FileHandle } from "node:fs/promises";
import { LRUCache } from "lru-cache";
import { createSemaphore } from "../../../core/domain/shared/semaphore.ts";
import { DamageError } from "./checksums.ts";
import { digestFile } from "./etags.ts";
import type { StoredObject } from "./pointers.ts";

type Options = {
  readonly dataPath: (object: StoredObject) => string;
  /** Stores the object with its checksums. */
  readonly remember: (bucket: string, object: StoredObject) => Promise<void>;
};

type Complete = StoredObject & { readonly checksums: string };

/** How many files are read whole at once. */
const filesAtOnce = 2;
const rememberedObjects = 1000;

/** Gives objects that were stored before there were checksums theirs, when they are read for the first time. */
export function createLegacyChecksums({ dataPath, remember }: Options) {
  const running = new Map<string, Promise<Complete>>();
  const done = new LRUCache<string, Complete>({ max: rememberedObjects });
  const limit = createSemaphore(filesAtOnce);

  async function checksum(bucket: string, object: StoredObject): Promise<Complete> {
    const { size, checksums, hasEtag } = await limit(() => digestFile(dataPath(object), object.etag));
    if (size !== object.size) throw new DamageError(`its file has ${size} bytes instead of ${object.size}`);
    if (hasEtag === false) throw new DamageError("its bytes are not those of its entity tag");
    const complete = { ...object, checksums };
    done.set(object.file, complete);
    // A disk that is full keeps nobody from listening: they are taken again after the next start.
    await remember(bucket, complete).catch(() => {});
    return complete;
  }

  return {
    /** Closes the file where the object is damaged. @throws DamageError */
    async complete(bucket: string, object: StoredObject, file: FileHandle): Promise<Complete> {
      const { checksums } = object;
      if (checksums !== undefined) return { ...object, checksums };
      const ready = done.get(object.file);
      if (ready) return ready;
      const known = running.get(object.file);
      const result = known ?? checksum(bucket, object).finally(() => running.delete(object.file));
      if (!known) running.set(object.file, result);
      return result.catch(async (error: unknown) => {
        await file.close();
        throw error;
      });
    },
  };
}
