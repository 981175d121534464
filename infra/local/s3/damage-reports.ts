import type { Log } from "../../../core/domain/ports.ts";
import { createOnce } from "../bounded.ts";
import type { DamageError } from "./checksums.ts";
import { PointerError } from "./pointers.ts";

const advice =
  'put the file back from a backup, or stop Encore and run "npm run check -- --repair", which tells which song it is';

type DamagedObject = { readonly bucket: string; readonly key: string; readonly path: string };

/** Tells of each damaged file once, with its path and what to do: listings would tell of it at every page. */
export function createDamageReports(log: Log) {
  const isFirst = createOnce();
  const pointer = ({ path, message }: PointerError) => {
    if (isFirst(path)) log.error({ path, advice }, `${message}; its object cannot be read, all others can`);
  };
  return {
    pointer,
    object({ bucket, key, path }: DamagedObject, error: DamageError | PointerError) {
      if (error instanceof PointerError) return pointer(error);
      if (isFirst(path))
        log.error(
          { bucket, key, path, advice },
          `The object ${key} is damaged and is not served: ${error.message}`,
        );
    },
  };
}
