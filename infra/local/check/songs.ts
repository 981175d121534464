import { join } from "node:path";
import type { SongRecord } from "../../../core/domain/catalogue/ports.ts";
import type { StoredFile } from "../../../core/domain/shared/object-store.ts";
import { forEachBounded } from "../bounded.ts";
import { pointerName, readPointer } from "../s3/pointers.ts";
import type { ObjectFault } from "../s3/verify.ts";
import type { Finding } from "./finding.ts";

export type SongPart = "audio" | "preview" | "cover";
type Named = { readonly song: SongRecord; readonly part: SongPart; readonly file: StoredFile };

export type SongFault = { readonly song: SongRecord; readonly part: SongPart; readonly reason: string };

/** Every object that songs name. */
export function* objectsOf(songs: Iterable<SongRecord>): Generator<Named> {
  for (const song of songs) {
    yield { song, part: "audio", file: song.audio };
    if (song.preview) yield { song, part: "preview", file: song.preview };
    if (song.cover) yield { song, part: "cover", file: song.cover };
    for (const file of song.cover?.smaller ?? []) yield { song, part: "cover", file };
  }
}

const pointersAtOnce = 8;

/**
 * What is wrong with the objects that songs name: they are not there, have other bytes than the song's row says, or are
 * among the faults that reading them found.
 */
export async function findSongFaults(
  songs: readonly SongRecord[],
  faults: readonly ObjectFault[],
  bucketFolder: string,
): Promise<SongFault[]> {
  const damaged = new Map(faults.flatMap((fault) => (fault.object ? [[fault.object.key, fault]] : [])));
  const found = new Map<string, SongFault>();
  await forEachBounded(objectsOf(songs), pointersAtOnce, async ({ song, part, file }) => {
    const reason = damaged.get(file.key)?.detail ?? (await compare(bucketFolder, file));
    if (reason !== undefined) found.set(`${song.songId} ${part}`, { song, part, reason });
  });
  return [...found.values()];
}

async function compare(
  bucketFolder: string,
  { key, etag, sizeBytes }: StoredFile,
): Promise<string | undefined> {
  const pointer = await readPointer(join(bucketFolder, pointerName(key))).catch(() => "damaged" as const);
  if (pointer === undefined) return `${key} is not there`;
  if (pointer === "damaged") return `the pointer of ${key} is damaged`;
  if (pointer.size === sizeBytes && pointer.etag === etag) return undefined;
  return `${key} has other bytes than the song`;
}

const names = { audio: "audio", preview: "preview", cover: "cover" } as const;

export const describeSongFault = ({ song, part, reason }: SongFault, canBeGiven: boolean): Finding => ({
  what: `The ${names[part]} of “${song.title}” by ${song.artist} (${song.songId}) is lost: ${reason}`,
  advice: canBeGiven
    ? `give it again: npm run import -- FILE --replace ${song.songId}`
    : "run npm run check -- --repair, which makes it possible to give it again",
});

/**
 * The attributes of a song's row after which its lost parts can be given again: the same bytes are not taken for there
 * already, and what the file brings along is not taken for set by a curator.
 */
export const withoutLost = (
  song: SongRecord,
  lost: ReadonlySet<SongPart>,
): Readonly<Record<string, unknown>> => ({
  sha256: unknownSha256,
  version: song.version + 1,
  ...(lost.has("preview") && { preview: undefined }),
  ...(lost.has("cover") && { cover: undefined }),
});

const unknownSha256 = "0".repeat(64);
