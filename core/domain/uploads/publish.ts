import type { SongRecord } from "../catalogue/ports.ts";
import { DomainError } from "../errors.ts";
import type { ProcessDeps } from "./deps.ts";
import { describe } from "./describe.ts";
import type { OpenUpload } from "./ports.ts";
import { storeEmbeddedCover, storeVersion, type UploadedAudio } from "./versions.ts";

/**
 * Makes a new song of bytes that were looked into, or answers the song that the same bytes are already.
 *
 * The claim of the bytes decides between uploads of the same bytes at once. It is read before the song that it names, and
 * written twice: before the song's row, on condition that it is as it was read, and after it. Whoever takes over the claim
 * of a song that never came to be makes the second write of the other fail, and who fails there takes the row back.
 *
 * @throws DomainError `conflict` where another upload was quicker: to be called again
 */
export async function publishSong(
  deps: ProcessDeps,
  upload: OpenUpload,
  audio: UploadedAudio,
): Promise<SongRecord> {
  const { uploads, songs, objects } = deps;
  const { sha256, songId, objectKey } = upload;
  const before = await uploads.claimOf(sha256);
  const claimed = before && (await songs.get(before.songId));
  const existing = claimed?.sha256 === sha256 ? claimed : undefined;
  const claim = await uploads.claim(sha256, existing?.songId ?? songId, before);
  if (!claim) throw quicker();
  if (existing && existing.songId !== songId) {
    // An earlier attempt that broke off may have left a row.
    if (await songs.get(songId)) await songs.delete(songId);
    await objects.delete(objectKey);
    return existing;
  }
  const record = existing ?? (await putSong(deps, upload, audio));
  if (await uploads.claim(sha256, songId, claim)) return record;
  await songs.delete(songId);
  throw quicker();
}

/** Of two that claim the same bytes at once, one begins again. */
export const quicker = (): DomainError =>
  new DomainError("conflict", "The same bytes are being uploaded elsewhere; try again");

async function putSong(deps: ProcessDeps, upload: OpenUpload, audio: UploadedAudio): Promise<SongRecord> {
  const left = await deps.songs.get(upload.songId);
  if (left) return left;
  const version = await storeVersion(deps, upload, audio);
  const cover = audio.cover && (await storeEmbeddedCover(deps, upload.songId, audio.cover));
  const record: SongRecord = {
    ...describe(upload.fileName, audio),
    ...version,
    songId: upload.songId,
    tier: upload.tier,
    ...(cover && { cover }),
    addedAt: version.audio.modifiedAt,
    version: 1,
  };
  await deps.songs.put(record);
  return record;
}
