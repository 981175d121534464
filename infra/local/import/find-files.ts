import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative } from "node:path";

export type MusicFile = {
  readonly path: string;
  /** Relative to the folder that is imported. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** Why it cannot be read; it fails, and the others come in. */
  readonly problem?: string;
};

const contentTypes: Readonly<Record<string, string>> = {
  ".mp3": "audio/mpeg",
  ".flac": "audio/flac",
  ".ogg": "audio/ogg",
  ".oga": "audio/ogg",
  ".opus": "audio/ogg",
  ".m4a": "audio/mp4",
  ".wav": "audio/wav",
};

/**
 * The music below a folder, in the order of its paths; pictures, texts and hidden files are passed over. A folder that
 * cannot be read is told as one file with a problem.
 */
export async function findMusic(folder: string): Promise<MusicFile[]> {
  const found: MusicFile[] = [];
  for await (const file of walk(folder, folder)) found.push(file);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One file by its path; undefined where its name is not one of music. */
export const musicFileAt = (path: string): Promise<MusicFile | undefined> => toMusicFile(dirname(path), path);

async function* walk(root: string, folder: string): AsyncGenerator<MusicFile> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => error,
  );
  if (entries instanceof Error) {
    yield unreadable(relative(root, folder) || ".", folder, `The folder cannot be read (${entries.code})`);
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".")) continue;
    // Whatever its name: a folder may be called like a song.
    if (entry.isDirectory()) yield* walk(root, path);
    const file = entry.isFile() ? await toMusicFile(root, path) : undefined;
    if (file) yield file;
  }
}

const unreadable = (name: string, path: string, problem: string): MusicFile => ({
  ...{ path, name, problem },
  sizeBytes: 0,
  contentType: "",
});

async function toMusicFile(root: string, path: string): Promise<MusicFile | undefined> {
  const name = relative(root, path);
  const contentType = contentTypes[extname(path).toLowerCase()];
  if (contentType === undefined || basename(path).startsWith(".")) return undefined;
  // It may be gone again by now.
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (stats instanceof Error) return unreadable(name, path, `The file cannot be read (${stats.code})`);
  return { path, name, sizeBytes: stats.size, contentType };
}
