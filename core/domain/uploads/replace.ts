import type { SongRecord } from "../catalogue/ports.ts";
import { DomainError } from "../errors.ts";
import { changeSong } from "./change-song.ts";
import type { ProcessDeps } from "./deps.ts";
import type { OpenUpload } from "./ports.ts";
import { quicker } from "./publish.ts";
import { anotherSong } from "./uploads.ts";
import { storeEmbeddedCover, storeVersion, type UploadedAudio } from "./versions.ts";

/**
 * Gives a song another audio: one write of its row, before which all of it is the old version and after which all is the
 * new. What curators have set stays, also the cover. The old objects stay for those who hear them, until they are swept.
 *
 * @throws DomainError `conflict` where an upload of the same bytes was quicker: to be called again
 * @returns DomainError `not-found` where the song is gone, `conflict` where the bytes are another song by now
 */
export async function replaceAudio(
  deps: ProcessDeps,
  upload: OpenUpload,
  audio: UploadedAudio,
): Promise<SongRecord | DomainError> {
  const { songId, sha256, objectKey } = upload;
  const before = await deps.uploads.claimOf(sha256);
  const claimed = before && (await deps.songs.get(before.songId));
  if (claimed?.sha256 === sha256 && claimed.songId !== songId) return anotherSong(claimed.songId);
  if (!(await deps.uploads.claim(sha256, songId, before))) throw quicker();
  const current = await deps.songs.get(songId);
  const version = await storeVersion(deps, upload, audio);
  const cover =
    audio.cover && !current?.cover ? await storeEmbeddedCover(deps, songId, audio.cover) : undefined;
  const record = await changeSong(deps.songs, songId, (before) =>
    before.sha256 === sha256 ? before : { ...before, ...version, ...(cover && !before.cover && { cover }) },
  );
  if (!record) return new DomainError("not-found", "The song was removed meanwhile");
  // It had these bytes before.
  if (record.audio.key !== objectKey) await deps.objects.delete(objectKey);
  return record;
}
