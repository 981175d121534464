import { chmod, copyFile, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Case, hasCrashed, linesOf, type Outcome } from "./case.ts";
import { folderOf, type Imported, type Stage } from "./stage.ts";

const tools = folderOf("_tools");
const [one, two] = [join(tools, "one.mp3"), join(tools, "two.mp3")];

/** Fills a new folder. @returns what must be undone before it can be removed, if anything */
type Make = (folder: string) => Promise<(() => Promise<void>) | void>;

/** A case whose folder is made anew, and judged by what the import says of it. */
function folderCase(name: string, right: string, make: Make, judge: (imported: Imported) => boolean): Case {
  return { name, right, attempt: (stage) => importMade(stage, name, make, judge) };
}

async function importMade(
  { folder, importFolder }: Stage,
  name: string,
  make: Make,
  judge: (imported: Imported) => boolean,
): Promise<Outcome> {
  const path = join(folder, name);
  await mkdir(path);
  const undo = await make(path);
  const imported = await importFolder(path);
  await undo?.();
  const { code, taken, output } = imported;
  const last = output.trim().split("\n").at(-1) ?? "";
  return { ok: !hasCrashed(imported) && judge(imported), came: `exit ${code}, ${taken} taken: ${last}` };
}

const names = (imported: Imported, name: string): boolean => linesOf(imported, name) !== "";
/** All are in and it says so, or what is not is named and the exit code tells. */
const takesOrNames = (imported: Imported, count: number, ...files: string[]): boolean =>
  imported.taken === count
    ? imported.code === 0
    : imported.code === 1 && files.every((name) => names(imported, name));

async function makeLinks(folder: string): Promise<void> {
  const elsewhere = `${folder}-elsewhere`;
  await mkdir(join(elsewhere, "dir"), { recursive: true });
  await copyFile(one, join(elsewhere, "one.mp3"));
  await copyFile(two, join(elsewhere, "dir", "two.mp3"));
  await symlink(join(elsewhere, "one.mp3"), join(folder, "one.mp3"));
  await symlink(join(elsewhere, "dir"), join(folder, "dir"));
  await symlink(".", join(folder, "loop"));
}

async function makeDots(folder: string): Promise<void> {
  await mkdir(join(folder, "...And Music"));
  await copyFile(one, join(folder, "...And Music", "01.mp3"));
  await copyFile(two, join(folder, "...But One.mp3"));
  await writeFile(join(folder, "._01.mp3"), Buffer.from([0, 5, 22, 7, 120, 120, 120, 120]));
  await writeFile(join(folder, ".DS_Store"), "");
}

/** Folders in which one entry is not as an import expects: it never ends by that, and its exit code tells the truth. */
export const folderCases: readonly Case[] = [
  folderCase(
    "13-name-not-utf8",
    "both taken, or good.mp3 taken, the other named and exit 1",
    async (folder) => {
      await copyFile(one, join(folder, "good.mp3"));
      const latin1 = Buffer.concat([Buffer.from(`${folder}/bj`), Buffer.from([0xf6]), Buffer.from("rk.mp3")]);
      await copyFile(two, latin1);
    },
    (imported) => imported.taken >= 1 && takesOrNames(imported, 2, "rk.mp3"),
  ),
  folderCase(
    "14-unreadable-folder",
    "good.mp3 taken, lost+found named, exit 1",
    async (folder) => {
      await copyFile(one, join(folder, "good.mp3"));
      const unreadable = join(folder, "lost+found");
      await mkdir(unreadable);
      await chmod(unreadable, 0);
      return () => chmod(unreadable, 0o755);
    },
    (imported) => imported.taken === 1 && imported.code === 1 && names(imported, "lost+found"),
  ),
  folderCase("15-symlinks", "both taken, each once", makeLinks, (imported) =>
    takesOrNames(imported, 2, "one.mp3", "dir"),
  ),
  folderCase("16-dots-before-name", "both taken", makeDots, (imported) =>
    takesOrNames(imported, 2, "...And Music", "...But One"),
  ),
  folderCase(
    "17-unknown-kinds",
    "song.mp3 taken; .aac, .wma, .m4b and .aiff named, exit 1",
    (folder) => cp(folderOf("17-unknown-kinds"), folder, { recursive: true }),
    (imported) =>
      imported.taken === 1 &&
      imported.code === 1 &&
      ["song.aac", "song.wma", "song.m4b", "song.aiff"].every((name) => names(imported, name)),
  ),
];
