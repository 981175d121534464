import { createHash } from "node:crypto";
import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as Type from "typebox";
import { Compile } from "typebox/compile";
import { PARTIAL } from "./render-track.ts";

const Manifest = Type.Object({
  version: Type.String(),
  files: Type.Record(
    Type.String(),
    Type.Object({ sizeBytes: Type.Number(), sha256: Type.String(), durationSeconds: Type.Number() }),
  ),
});
/** What a folder holds: the version of scores and synthesiser that made it, and each finished file. */
export type Manifest = Type.Static<typeof Manifest>;

const schema = Compile(Manifest);
const NAME = "manifest.json";

/** A hash of every source of this library: another note, timbre or tag makes another version. */
export async function libraryVersion(): Promise<string> {
  const names = await readdir(import.meta.dirname, { recursive: true });
  const hash = createHash("sha256");
  for (const name of names.filter((file) => file.endsWith(".ts")).sort()) {
    hash.update(name.replaceAll("\\", "/")).update(await readFile(join(import.meta.dirname, name)));
  }
  return hash.digest("hex");
}

/** Reads a folder's manifest; one that is missing, broken or of another version counts as empty. */
export async function readManifest(folder: string, version: string): Promise<Manifest> {
  const empty: Manifest = { version, files: {} };
  const text = await readFile(join(folder, NAME), "utf8").catch(() => "{}");
  const manifest = parse(text);
  if (!schema.Check(manifest) || manifest.version !== version) return empty;
  return { version, files: await present(folder, manifest.files) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The files that are still there at their size. */
async function present(folder: string, files: Manifest["files"]): Promise<Manifest["files"]> {
  const checked = await Promise.all(
    Object.entries(files).map(async ([name, file]) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return found?.size === file.sizeBytes ? [[name, file] as const] : [];
    }),
  );
  return Object.fromEntries(checked.flat());
}

/** Stores a manifest, whole or not at all. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const partial = join(folder, `.manifest${PARTIAL}`);
  await writeFile(partial, JSON.stringify(manifest, undefined, 2));
  await rename(partial, join(folder, NAME));
}
