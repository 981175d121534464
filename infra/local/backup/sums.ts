import { createHash } from "node:crypto";
import { open, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { BackupError, sumsName } from "./format.ts";

/** A file of a backup: its path below the folder (with `/`), and the SHA-256 of its bytes. */
export type Sum = { readonly path: string; readonly sha256: string };

const readBytes = 1024 * 1024;

/** All files below a folder, by path. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/** A folder and all folders below it. */
export async function foldersBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const below = entries.filter((entry) => entry.isDirectory());
  return [folder, ...below.map((entry) => join(entry.parentPath, entry.name))];
}

/** Hashes a file and forces it to the disk. @param onBytes told of each piece that was read */
export async function hashAndSync(
  path: string,
  onBytes: (count: number) => void = () => {},
): Promise<Hashed> {
  const file = await open(path);
  try {
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(readBytes);
    let size = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
      onBytes(bytesRead);
    }
    await file.datasync();
    return { sha256: hash.digest("hex"), size };
  } finally {
    await file.close();
  }
}

export type Hashed = { readonly sha256: string; readonly size: number };

/** The lines of `sha256sum`. */
export const encodeSums = (sums: readonly Sum[]): string =>
  sums.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join("");

/** @throws BackupError for a line that is none, or a path that leads out of the backup */
export function decodeSums(text: string): Sum[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [, sha256, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (sha256 === undefined || path === undefined || path.split("/").includes("..") || path.startsWith("/"))
      throw new BackupError(`${sumsName} has a line that is no checksum`);
    return { path, sha256 };
  });
}

export const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");
