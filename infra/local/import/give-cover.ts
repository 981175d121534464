import type { Song } from "../../../core/contract/catalogue.ts";
import { maxCoverBytes } from "../../../core/contract/covers.ts";
import type { Bytes } from "../../../core/domain/uploads/ports.ts";
import { coverResizer } from "../../../lambdas/images/covers.ts";
import { pictureType } from "../../../lambdas/images/picture-type.ts";
import { createCoverFinder } from "./cover-files.ts";
import { whyUnreadable } from "./file-errors.ts";
import { lastPart, printable, showName } from "./file-names.ts";
import { openToRead } from "./first-bytes.ts";
import { readAt } from "./read-at.ts";
import { endsImport } from "./request.ts";

export type CoverApi = {
  song(songId: string): Promise<Song>;
  putCover(songId: string, picture: Bytes): Promise<void>;
};

/** The picture that became a song's cover, or why it did not. Printable. */
export type GivenCover = { readonly name: string; readonly problem?: string };

export type CoverGiver = ReturnType<typeof createCoverGiver>;

/**
 * Gives songs that have no cover the best picture beside their file that can be used.
 * @returns undefined where the song has a cover, or no picture is there; the best one's problem where none can be used
 * @throws what no other file would fare better with
 */
export function createCoverGiver(api: CoverApi) {
  const coversBeside = createCoverFinder();
  return async (file: Buffer, song: Song | { readonly songId: string }): Promise<GivenCover | undefined> => {
    let best: GivenCover | undefined;
    for (const path of await coversBeside(file)) {
      const given = await giveCover(api, path, song);
      if (given?.problem === undefined) return given;
      best ??= given;
    }
    return best;
  };
}

async function giveCover(
  api: CoverApi,
  path: Buffer,
  song: Song | { readonly songId: string },
): Promise<GivenCover | undefined> {
  const name = showName(lastPart(path));
  try {
    const { songId, coverUrl } = "title" in song ? song : await api.song(song.songId);
    if (coverUrl !== undefined) return undefined;
    await api.putCover(songId, await readPicture(path));
    return { name };
  } catch (error) {
    if (endsImport(error)) throw error;
    return { name, problem: printable((error as Error).message) };
  }
}

/** Larger than any picture that is meant to be a cover (bytes). */
const maxFileBytes = 64 * 2 ** 20;
/** Of a picture that is made smaller before it is sent: twice what Encore shows. */
const pixels = 1280;

/** @throws Error that says why it cannot be used */
async function readPicture(path: Buffer): Promise<Bytes> {
  const bytes = await readWhole(path);
  const contentType = pictureType(bytes);
  if (contentType === undefined) throw new Error("It is no JPEG, PNG, WebP or GIF");
  if (bytes.length <= maxCoverBytes) return { bytes, contentType };
  const [smaller] = (await coverResizer.resize(bytes, [pixels])) ?? [];
  if (!smaller) throw new Error("It is damaged, or has more than 50 megapixels");
  return smaller;
}

async function readWhole(path: Buffer): Promise<Buffer> {
  const handle = await openToRead(path).catch((error) => {
    throw new Error(whyUnreadable(error));
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error("It is no file");
    if (stats.size > maxFileBytes) throw new Error(`It is larger than ${maxFileBytes / 2 ** 20} MiB`);
    return await readAt(handle, 0, stats.size);
  } finally {
    await handle.close();
  }
}
