import type { Song } from "../../contract/catalogue.ts";
import type { Actor } from "../actor.ts";
import type { SongAudio } from "../catalogue/ports.ts";
import { toSong } from "../catalogue/record.ts";
import { DomainError } from "../errors.ts";
import type { InspectedAudio, OpenUpload } from "./ports.ts";
import { publishSong } from "./publish.ts";
import { replaceAudio } from "./replace.ts";
import { ownUpload, type UploadDeps } from "./uploads.ts";

/**
 * Checks the bytes that came and makes a song of them, or a new version of the song that they replace. Each step can be
 * run again, so a call that broke off is simply made again; of two uploads of the same bytes at once, one becomes the
 * song and both answer it.
 *
 * @throws DomainError `bad-audio`, or of a replacement `not-found` and `conflict`, after which nothing of the upload is
 * left
 */
export async function completeUpload(
  deps: UploadDeps,
  actor: Actor,
  { uploadId }: { uploadId: string },
): Promise<Song> {
  const upload = await ownUpload(deps, actor, uploadId);
  const object = await assemble(deps, upload);
  const audio = await inspect(deps, upload, object);
  const version = { ...audio, object };
  const record = upload.isReplacement
    ? await replaceAudio(deps, upload, version)
    : await publishSong(deps, upload, version);
  if (record instanceof DomainError) return giveUp(deps, upload, record);
  await deps.uploads.delete(uploadId);
  return toSong(record);
}

async function assemble(deps: UploadDeps, upload: OpenUpload): Promise<SongAudio> {
  const { objectKey, multipartId, sizeBytes } = upload;
  const parts = await deps.multipart.parts(objectKey, multipartId);
  if (parts) await deps.multipart.complete(objectKey, multipartId, parts);
  const object = await deps.objects.head(objectKey);
  if (!object) throw new DomainError("bad-audio", "No part of the file has been uploaded");
  if (object.sizeBytes === sizeBytes) return object;
  const detail = `${object.sizeBytes} bytes came of the ${sizeBytes} that were announced`;
  return giveUp(deps, upload, new DomainError("bad-audio", detail));
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
    if (error instanceof DomainError && error.kind === "bad-audio") return giveUp(deps, upload, error);
    throw error;
  }
}

async function giveUp(deps: UploadDeps, upload: OpenUpload, refusal: DomainError): Promise<never> {
  await deps.objects.delete(upload.objectKey);
  await deps.uploads.delete(upload.uploadId);
  throw refusal;
}
