import { access, writeFile } from "node:fs/promises";
import type { DataDir } from "./data-dir.ts";

const fileName = "objects-kept";

const text = `Rows of the tables were lost, perhaps of songs, so objects that no song has are not deleted: the song's audio may
be among them. Remove this file when the library is whole again (restored, or imported anew).
`;

/** From now on no object is swept, until somebody removes the file. */
export const keepObjects = ({ file }: Pick<DataDir, "file">): Promise<void> =>
  writeFile(file(fileName), text);

/** The file that keeps objects from being swept; undefined where there is none. */
export async function keptObjectsFile({ file }: Pick<DataDir, "file">): Promise<string | undefined> {
  const path = file(fileName);
  return access(path).then(
    () => path,
    () => undefined,
  );
}
