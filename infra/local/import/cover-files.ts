import { readdir } from "node:fs/promises";
import { folderOf, join, lastPart, readName } from "./file-names.ts";

/** Names of pictures of the album in the same folder, best first. Players of music write all of them. */
const names: readonly RegExp[] = [
  /^cover$/i,
  /^folder$/i,
  /^front$/i,
  /^album$/i,
  /^albumart(?!.*small)/i,
  /^albumart/i,
];
const picture = /^(.*)\.(?:jpe?g|png|webp)$/i;

/** Folders that are one disc of an album, whose picture may lie above them. */
const disc = /^(?:(?:cd|dis[ck])[\s._-]*(?:\d{1,2}|one|two|three|four)|side[\s._-]*[a-d])(?![a-z0-9])/i;

/**
 * Finds the picture that lies beside a music file; each folder is listed once.
 * @returns its path; undefined where there is none, or the folder cannot be listed
 */
export function createCoverFinder(): (file: Buffer) => Promise<Buffer | undefined> {
  const found = new Map<string, Promise<Buffer | undefined>>();
  const coverIn = (folder: Buffer): Promise<Buffer | undefined> => {
    const key = folder.toString("latin1");
    const cover = found.get(key) ?? findCover(folder);
    found.set(key, cover);
    return cover;
  };
  return async (file) => {
    const folder = folderOf(file);
    const cover = await coverIn(folder);
    return cover ?? (disc.test(readName(lastPart(folder))) ? coverIn(folderOf(folder)) : undefined);
  };
}

async function findCover(folder: Buffer): Promise<Buffer | undefined> {
  const entries = await readdir(folder, { encoding: "buffer" }).catch(() => []);
  const ranked = entries.flatMap((entry) => {
    const rank = rankOf(entry);
    return rank < 0 ? [] : { entry, rank };
  });
  const [best] = ranked.sort((a, b) => a.rank - b.rank || Buffer.compare(a.entry, b.entry));
  return best && join(folder, best.entry);
}

function rankOf(entry: Buffer): number {
  const stem = picture.exec(readName(entry))?.[1];
  return stem === undefined ? -1 : names.findIndex((name) => name.test(stem));
}
