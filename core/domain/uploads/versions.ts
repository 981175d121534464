import { createHash } from "node:crypto";
import type { SongAudio, SongRecord, StoredCover } from "../catalogue/ports.ts";
import type { Bytes, InspectedAudio, OpenUpload } from "./ports.ts";
import type { UploadDeps } from "./uploads.ts";

/** What a file says of itself, and where its bytes lie. */
export type UploadedAudio = InspectedAudio & { readonly object: SongAudio };

/** What a song's row has of one version of its audio. */
export type AudioVersion = Pick<SongRecord, "sha256" | "durationSeconds" | "audio"> & {
  readonly preview: SongAudio;
};

/** Stores the preview beside the audio, and answers both as a row names them. */
export async function storeVersion(
  { objects, clock }: UploadDeps,
  { objectKey, sha256 }: OpenUpload,
  { object, contentType, durationSeconds, preview }: UploadedAudio,
): Promise<AudioVersion> {
  const modifiedAt = clock.now().toISOString();
  return {
    sha256,
    durationSeconds,
    audio: { key: object.key, etag: object.etag, sizeBytes: object.sizeBytes, contentType, modifiedAt },
    // Like the audio, of one version.
    preview: { ...(await store(objects, objectKey.replace(/^audio\//, "previews/"), preview)), modifiedAt },
  };
}

/** A song's cover is its own object, though others may show the same picture, so that it can go when the song goes. */
export async function storeCover(
  { objects }: UploadDeps,
  songId: string,
  cover: Bytes,
): Promise<StoredCover> {
  const hash = createHash("sha256").update(cover.bytes).digest("hex");
  return { ...(await store(objects, `covers/${songId}/${hash}`, cover)), hash };
}

async function store(objects: UploadDeps["objects"], key: string, { bytes, contentType }: Bytes) {
  const { etag } = await objects.put({ key, body: bytes, contentType });
  return { key, etag, sizeBytes: bytes.length, contentType };
}
