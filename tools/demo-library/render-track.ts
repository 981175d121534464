import { createHash } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Entry } from "./catalogue.ts";
import { formats } from "./encode/encode.ts";
import { type TrackTags, toMetadata } from "./encode/tags.ts";
import { SAMPLE_RATE } from "./synth/audio.ts";
import { render } from "./synth/render.ts";

/** What a finished file is known by. */
export type Rendered = { sizeBytes: number; sha256: string; durationSeconds: number };

/** The ending of a file that is not finished. */
export const PARTIAL = ".part";

/** The tags of a piece, its place on its album included. */
export function tagsOf({ piece, album, track }: Entry): TrackTags {
  const { title, composer, year } = piece;
  const { artist, genre } = album;
  const place = { album: album.title, track, trackTotal: album.pieces.length };
  return { title, composer, year, artist, albumArtist: artist, genre, ...place };
}

/** Plays, encodes, tags and stores a piece. The file appears whole, by renaming, or not at all. */
export async function renderTrack(entry: Entry, cover: Uint8Array, path: string): Promise<Rendered> {
  const { piece } = entry;
  const sound = render(piece.score());
  const bytes = await formats[piece.format].encode(sound, toMetadata(tagsOf(entry), cover, piece.format));
  const partial = join(dirname(path), `.${piece.id}${PARTIAL}`);
  await writeFile(partial, bytes);
  await rename(partial, path);
  return {
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    durationSeconds: sound.left.length / SAMPLE_RATE,
  };
}
