import { readdir, stat } from "node:fs/promises";
import { dirname, extname, join, relative } from "node:path";

export type MusicFile = {
  readonly path: string;
  /** Relative to the folder that is imported. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
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

/** The music below a folder, in the order of its paths; pictures, texts and hidden files are passed over. */
export async function findMusic(folder: string): Promise<MusicFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const files = await Promise.all(paths.map((path) => toMusicFile(folder, path)));
  return files.flatMap((file) => file ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One file by its path; undefined where its name is not one of music. */
export const musicFileAt = (path: string): Promise<MusicFile | undefined> => toMusicFile(dirname(path), path);

async function toMusicFile(folder: string, path: string): Promise<MusicFile | undefined> {
  const name = relative(folder, path);
  const contentType = contentTypes[extname(path).toLowerCase()];
  if (contentType === undefined || name.split(/[\\/]/).some((part) => part.startsWith("."))) return undefined;
  const { size } = await stat(path);
  return { path, name, sizeBytes: size, contentType };
}
