import { maxNameLength } from "../../contract/catalogue.ts";
import type { SongRecord } from "../catalogue/ports.ts";
import { DomainError } from "../errors.ts";
import { cleanText } from "../text.ts";
import type { InspectedAudio, OpenUpload } from "./ports.ts";
import type { ProcessDeps } from "./process.ts";
import { songWithBytes } from "./uploads.ts";
import { storeCover, storeVersion, type UploadedAudio } from "./versions.ts";

/** Makes a new song of bytes that were looked into, or answers the song that the same bytes are already. */
export async function publishSong(
  deps: ProcessDeps,
  upload: OpenUpload,
  audio: UploadedAudio,
): Promise<SongRecord> {
  const songId = await claim(deps, upload);
  const record = songId === upload.songId ? await publish(deps, upload, audio) : undefined;
  const song = record ?? (await deps.songs.get(songId));
  if (!song) throw new DomainError("conflict", "The same bytes are being uploaded elsewhere; try again");
  // Not before there is the other song: this one may yet be needed.
  if (!record) await deps.objects.delete(upload.objectKey);
  return song;
}

/** Claims the bytes, unless a song that is there has them: a claim whose song never came to be is taken over. */
async function claim(deps: ProcessDeps, { sha256, songId }: OpenUpload): Promise<string> {
  const existing = await songWithBytes(deps, sha256);
  if (existing !== undefined) return existing;
  return deps.uploads.claimBytes(sha256, songId, await deps.uploads.songOfBytes(sha256));
}

async function publish(
  deps: ProcessDeps,
  upload: OpenUpload,
  audio: UploadedAudio,
): Promise<SongRecord | undefined> {
  const published = await deps.songs.get(upload.songId);
  if (published) return published;
  const version = await storeVersion(deps, upload, audio);
  const cover = audio.cover && (await storeCover(deps, upload.songId, audio.cover));
  const record: SongRecord = {
    ...describe(upload, audio),
    ...version,
    songId: upload.songId,
    tier: upload.tier,
    ...(cover && { cover }),
    addedAt: version.audio.modifiedAt,
    version: 1,
  };
  await deps.songs.put(record);
  // Another upload may have taken the claim over before the row was there: then this one steps back.
  if ((await deps.uploads.songOfBytes(upload.sha256)) === upload.songId) return record;
  await deps.songs.delete(upload.songId);
  return undefined;
}

type Described = Pick<SongRecord, "title" | "artist" | "album" | "albumArtist" | "track" | "year" | "genre">;

/** What the file does not say follows from its name, or says that it is unknown. */
function describe({ fileName }: OpenUpload, tags: InspectedAudio): Described {
  const artist = tags.artist ?? "Unknown artist";
  return {
    title: tags.title ?? titleFrom(fileName),
    artist,
    album: tags.album ?? "Unknown album",
    albumArtist: tags.albumArtist ?? artist,
    ...(tags.track !== undefined && { track: tags.track }),
    ...(tags.year !== undefined && { year: tags.year }),
    ...(tags.genre !== undefined && { genre: tags.genre }),
  };
}

function titleFrom(fileName: string): string {
  const name = fileName
    .replace(/^.*[\\/]/, "")
    .replace(/\.[^.]+$/, "")
    .replace(/[_\s]+/g, " ");
  return cleanText(name, maxNameLength) ?? cleanText(fileName, maxNameLength) ?? "Untitled";
}
