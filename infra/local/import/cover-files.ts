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
const picture = /^(.*)\.(?:jpe?g|png|webp|gif)$/i;

/** Folders that are one disc of an album, whose picture may lie above them. */
const disc = /^(?:(?:cd|dis[ck])[\s._-]*(?:\d{1,2}|one|two|three|four)|side[\s._-]*[a-d])(?![a-z0-9])/i;

/**
 * Finds the pictures that lie beside a music file; each folder is listed once.
 * @returns their paths, the best first: it may be none that can be used. None where the folder cannot be listed
 */
export function createCoverFinder(): (file: Buffer) => Promise<readonly Buffer[]> {
  const found = new Map<string, Promise<readonly Buffer[]>>();
  const coversIn = (folder: Buffer): Promise<readonly Buffer[]> => {
    const key = folder.toString("latin1");
    const covers = found.get(key) ?? findCovers(folder);
    found.set(key, covers);
    return covers;
  };
  return async (file) => {
    const folder = folderOf(file);
    const above = disc.test(readName(lastPart(folder))) ? await coversIn(folderOf(folder)) : [];
    return [...(await coversIn(folder)), ...above];
  };
}

async function findCovers(folder: Buffer): Promise<Buffer[]> {
  const entries = await readdir(folder, { encoding: "buffer" }).catch(() => []);
  const ranked = entries.flatMap((entry) => {
    const rank = rankOf(entry);
    return rank < 0 ? [] : { entry, rank };
  });
  return ranked
    .sort((a, b) => a.rank - b.rank || Buffer.compare(a.entry, b.entry))
    .map(({ entry }) => join(folder, entry));
}

function rankOf(entry: Buffer): number {
  const stem = picture.exec(readName(entry))?.[1];
  return stem === undefined ? -1 : names.findIndex((name) => name.test(stem));
}
