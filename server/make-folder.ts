import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * `mkdir -p`. Node.js's own never ends where a folder cannot have others in it, as `/proc` cannot.
 * @param mode of the folder itself, where it is not there yet
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const make = () =>
    mkdir(path, { mode }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  await make().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  });
}
