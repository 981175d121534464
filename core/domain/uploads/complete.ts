import { createHash } from "node:crypto";
import type { Song } from "../../contract/catalogue.ts";
import type { Actor } from "../actor.ts";
import type { SongAudio, SongRecord, StoredCover } from "../catalogue/ports.ts";
import { toSong } from "../catalogue/record.ts";
import { DomainError } from "../errors.ts";

import type { Bytes, InspectedAudio, OpenUpload } from "./ports.ts";
import { ownUpload, songWithBytes, type UploadDeps } from "./uploads.ts";

/**
 * Checks the bytes that came and makes a song of them. Each step can be run again, so a call that broke off is
 * simply made again; of two uploads of the same bytes at once, one becomes the song and both answer it.
 *
 * @throws DomainError `bad-audio`, after which nothing of the upload is left
 */
export async function completeUpload(
  deps: UploadDeps,
  actor: Actor,
  { uploadId }: { uploadId: string },
): Promise<Song> {
  const upload = await ownUpload(deps, actor, uploadId);
  const object = await assemble(deps, upload);
  const audio = await inspect(deps, upload, object);
  const songId = await claim(deps, upload);
  const record = songId === upload.songId ? await publish(deps, upload, object, audio) : undefined;
  if (!record) await deps.objects.delete(upload.objectKey);
  const song = record ?? (await deps.songs.get(songId));
  if (!song) throw new DomainError("conflict", "The same bytes are being uploaded elsewhere; try again");
  await deps.uploads.delete(uploadId);
  return toSong(song);
}

async function assemble(deps: UploadDeps, upload: OpenUpload): Promise<SongAudio> {
  const { objectKey, multipartId, sizeBytes } = upload;
  const parts = await deps.multipart.parts(objectKey, multipartId);
  if (parts) await deps.multipart.complete(objectKey, multipartId, parts);
  const object = await deps.objects.head(objectKey);
  if (!object) throw new DomainError("bad-audio", "No part of the file has been uploaded");
  if (object.sizeBytes === sizeBytes) return object;
  return refuse(deps, upload, `${object.sizeBytes} bytes came of the ${sizeBytes} that were announced`);
}

async function inspect(
  deps: UploadDeps,
  upload: OpenUpload,
  { key, etag, sizeBytes }: SongAudio,
): Promise<InspectedAudio> {
  const end = sizeBytes - 1;
  const body = await deps.objects.read({ key, etag, start: 0, end, signal: new AbortController().signal });
  try {
    return await deps.inspector.inspect(body, upload);
  } catch (error) {
    if (error instanceof DomainError && error.kind === "bad-audio")
      return refuse(deps, upload, error.message);
    throw error;
  }
}

async function refuse(deps: UploadDeps, upload: OpenUpload, detail: string): Promise<never> {
  await deps.objects.delete(upload.objectKey);
  await deps.uploads.delete(upload.uploadId);
  throw new DomainError("bad-audio", detail);
}

/** Claims the bytes, unless a song that is there has them: a claim whose song never came to be is taken over. */
async function claim(deps: UploadDeps, { sha256, songId }: OpenUpload): Promise<string> {
  const existing = await songWithBytes(deps, sha256);
  if (existing !== undefined) return existing;
  return deps.uploads.claimBytes(sha256, songId, await deps.uploads.songOfBytes(sha256));
}

async function publish(
  deps: UploadDeps,
  upload: OpenUpload,
  object: SongAudio,
  audio: InspectedAudio,
): Promise<SongRecord | undefined> {
  const published = await deps.songs.get(upload.songId);
  if (published) return published;
  const now = deps.clock.now().toISOString();
  const preview = await store(deps, `previews/${upload.songId}`, audio.preview);
  const cover = audio.cover && (await storeCover(deps, audio.cover));
  const record: SongRecord = {
    ...describe(upload, audio),
    songId: upload.songId,
    tier: upload.tier,
    sha256: upload.sha256,
    durationSeconds: audio.durationSeconds,
    audio: {
      key: object.key,
      etag: object.etag,
      sizeBytes: object.sizeBytes,
      contentType: audio.contentType,
      modifiedAt: now,
    },
    preview: { ...preview, modifiedAt: now },
    ...(cover && { cover }),
    addedAt: now,
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

const titleFrom = (fileName: string): string =>
  fileName
    .replace(/^.*[\\/]/, "")
    .replace(/\.[^.]+$/, "")
    .replace(/[_\s]+/g, " ")
    .trim() || fileName;

async function store(
  { objects }: UploadDeps,
  key: string,
  { bytes, contentType }: Bytes,
): Promise<Omit<SongAudio, "modifiedAt">> {
  const { etag } = await objects.put({ key, body: bytes, contentType });
  return { key, etag, sizeBytes: bytes.length, contentType };
}

/** One object a picture, however many songs show it: its key is its hash. */
async function storeCover(deps: UploadDeps, cover: Bytes): Promise<StoredCover> {
  const hash = createHash("sha256").update(cover.bytes).digest("hex");
  return { ...(await store(deps, `covers/${hash}`, cover)), hash };
}
