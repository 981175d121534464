import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as Type from "typebox";
import { Check } from "typebox/value";

/**
 * A backup is a folder: `tables.ndjson.gz`, `s3/` with the objects, the other files of the data folder, `SHA256SUMS` of all
 * of them (as `sha256sum --check` reads it), and `manifest.json`, which is written last: without it a backup was cut.
 */
export const manifestName = "manifest.json";
export const sumsName = "SHA256SUMS";
export const tablesName = "tables.ndjson.gz";
export const objectsFolder = "s3";

export const BackupManifest = Type.Object({
  format: Type.Literal(1),
  /** When the tables' snapshot was taken, ISO 8601, UTC. */
  takenAt: Type.String(),
  tablePrefix: Type.String(),
  bucket: Type.String(),
  /** Rows of the database below the tables, with index entries and stream records. */
  rows: Type.Integer({ minimum: 0 }),
  files: Type.Integer({ minimum: 0 }),
  bytes: Type.Integer({ minimum: 0 }),
  /** SHA-256 of `SHA256SUMS`. */
  sums: Type.String(),
  /** Objects that songs name and that were not there, or could not be read, when the backup was made. */
  missing: Type.Array(Type.String()),
});
export type BackupManifest = Type.Static<typeof BackupManifest>;

/** Why a backup or a restore cannot be; its message is one line that says what to do. */
export class BackupError extends Error {}

/** @throws BackupError */
export async function readBackupManifest(backup: string): Promise<BackupManifest> {
  const text = await readFile(join(backup, manifestName), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR")
      throw new BackupError(`${backup} is no whole backup: it has no ${manifestName}; take another one`);
    throw error;
  });
  const manifest = parse(text);
  if (Check(BackupManifest, manifest)) return manifest;
  throw new BackupError(
    `${join(backup, manifestName)} is damaged, or of a later version of Encore; take another backup`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
