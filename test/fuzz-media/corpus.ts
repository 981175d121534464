import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sampleAudio } from "../support/sample-audio.ts";
import { coverTag, samplePicture } from "../support/sample-picture.ts";

export type Specimen = { readonly name: string; readonly bytes: Buffer; readonly isPicture?: boolean };

/** Longer ones are begun only: what is mutated is their start (bytes). */
const maxBytes = 512 * 1024;

const isAudio = /\.(mp3|flac|ogg|m4a|m4b|wav)$/;

/** Files of the project's own: each format with tags and a cover, what once ended the process, and pictures. */
export async function ownCorpus(): Promise<Specimen[]> {
  const images = [await coverTag({ format: "png", width: 64, height: 64 })];
  const tags = { title: "Title", artist: "Artist", album: "Album", trackNumber: 1, images };
  const audio = (["mp3", "flac", "ogg", "m4a", "wav"] as const).map(async (format) => ({
    name: `own.${format}`,
    bytes: await sampleAudio({ format, seconds: 0.5, tags }),
  }));
  const pictures = (["png", "jpeg", "webp", "gif"] as const).map(async (format) => ({
    name: `own.${format}`,
    bytes: await samplePicture({ format, width: 64, height: 64 }),
    isPicture: true,
  }));
  const folders = ["cases", "../cases"].map((folder) => corpusIn(join(import.meta.dirname, folder)));
  const cases = (await Promise.all(folders)).flat().filter(({ name }) => isAudio.test(name));
  return [...(await Promise.all([...audio, ...pictures])), ...cases];
}

/** Every file below a folder, in the order of their names. */
export async function corpusIn(folder: string): Promise<Specimen[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  return Promise.all(
    paths.map(async (name) => ({ name, bytes: (await readFile(name)).subarray(0, maxBytes) })),
  );
}
