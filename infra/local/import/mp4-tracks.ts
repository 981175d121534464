import type { FileHandle } from "node:fs/promises";
import { readAt } from "./read-at.ts";

/** More than the tables of any song take, and of most films. */
const maxMovieBytes = 32 * 2 ** 20;

/** Far more than stand before it in any real file. */
const maxBoxes = 1_000;

/** Whether the tracks of an MP4 are sound, and none is a picture: many films are MP4 too (ISO 14496-12 §8.4.3). */
export async function isAudioMp4(handle: FileHandle): Promise<boolean> {
  const movie = await findMovie(handle);
  const handlers = [...(movie?.toString("latin1") ?? "").matchAll(/hdlr.{8}(soun|vide)/gs)].map(
    ([, type]) => type,
  );
  return handlers.includes("soun") && !handlers.includes("vide");
}

/** The box `moov`; undefined where there is none. */
async function findMovie(handle: FileHandle): Promise<Buffer | undefined> {
  let at = 0;
  for (let boxes = 0; boxes < maxBoxes; boxes += 1) {
    const head = await readAt(handle, at, 16);
    if (head.length < 16) return undefined;
    const short = head.readUInt32BE(0);
    // 1: the size stands behind the type, in 64 bits.
    const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    if (head.toString("latin1", 4, 8) === "moov") return readAt(handle, at, Math.min(size, maxMovieBytes));
    at += size;
    // 0: to the end of the file.
    if (size < 8 || !Number.isSafeInteger(at)) return undefined;
  }
  return undefined;
}
