import { createHash } from "node:crypto";
import {
  maxUploadBytes,
  type UploadInput,
  type UploadStarted,
  uploadPartBytes,
} from "../../contract/uploads.ts";
import type { Actor } from "../actor.ts";
import type { SongStore } from "../catalogue/ports.ts";
import { DomainError } from "../errors.ts";
import type { ObjectStore } from "../shared/object-store.ts";
import { requireText } from "../shared/text.ts";
import type { MultipartStore, OpenUpload, UploadStore } from "./ports.ts";
import { giveQuotaBack, type QuotaDeps, takeQuota } from "./quota.ts";
import { mayBeProcessed } from "./status.ts";

export type UploadDeps = QuotaDeps & {
  readonly uploads: UploadStore;
  readonly multipart: MultipartStore;
  readonly objects: ObjectStore;
  readonly songs: SongStore;
  readonly newId: () => string;
};

/** An upload may take a day; its part URLs are signed for an hour, and starting again signs new ones. */
const openForMs = 24 * 60 * 60 * 1000;
const urlSeconds = 60 * 60;

/**
 * Starts an upload, or resumes the one that the same curator began for the same bytes: the parts that S3 has are
 * marked. Bytes that are a song already need no upload.
 * @throws DomainError `upload-quota`; of a replacement: `not-found` where the song is not there, `conflict` where the
 * bytes are another song
 */
export async function startUpload(
  deps: UploadDeps,
  actor: Actor,
  input: UploadInput,
): Promise<UploadStarted> {
  if (input.songId !== undefined) await checkReplacement(deps, input);
  const songId = await songWithBytes(deps, input.sha256);
  if (songId !== undefined) return { status: "exists", songId };
  const uploadId = uploadIdFor(actor, input);
  const before = await deps.uploads.get(uploadId);
  const { upload, parts } =
    (before && (await resumable(deps, before))) ?? (await begin(deps, actor, { uploadId, before }, input));
  return { status: "open", upload: await describe(deps, upload, parts) };
}

export async function abortUpload(
  deps: UploadDeps,
  actor: Actor,
  { uploadId }: { uploadId: string },
): Promise<undefined> {
  const upload = await ownUpload(deps, actor, uploadId);
  if (upload.state === "done" || upload.state === "failed")
    throw new DomainError("not-found", "The upload has ended; there is nothing to give up");
  if (upload.state === "processing" || !(await deps.uploads.delete(upload))) {
    // Given up at the same time, it is gone.
    await ownUpload(deps, actor, uploadId);
    throw new DomainError("conflict", "The upload is being processed; ask what becomes of it");
  }
  await deps.multipart.abort(upload.objectKey, upload.multipartId);
  await deps.objects.delete(upload.objectKey);
  const begunAt = new Date(Date.parse(upload.expiresAt) - openForMs);
  await giveQuotaBack(deps, actor.userId, upload.sizeBytes, begunAt);
}

/** Someone else's upload is as good as none: its id tells nothing. */
export async function ownUpload(deps: UploadDeps, actor: Actor, uploadId: string): Promise<OpenUpload> {
  const upload = await deps.uploads.get(uploadId);
  if (upload?.userId === actor.userId) return upload;
  throw new DomainError("not-found", "There is no such upload; it may have expired. Start it again");
}

/** The song that these bytes are already. A claim says nothing of a song that is gone or has other bytes by now. */
async function songWithBytes(
  deps: Pick<UploadDeps, "uploads" | "songs">,
  sha256: string,
): Promise<string | undefined> {
  const claim = await deps.uploads.claimOf(sha256);
  const record = claim && (await deps.songs.get(claim.songId));
  return record?.sha256 === sha256 ? record.songId : undefined;
}

async function checkReplacement(deps: UploadDeps, { songId = "", sha256, tier }: UploadInput): Promise<void> {
  if (tier !== undefined)
    throw new DomainError("invalid-request", "A song keeps its tier when its audio is replaced");
  if (!(await deps.songs.get(songId))) throw new DomainError("not-found", "There is no such song");
  const other = await songWithBytes(deps, sha256);
  if (other !== undefined && other !== songId) throw anotherSong(other);
}

export const anotherSong = (songId: string): DomainError =>
  new DomainError("conflict", `These bytes are the song ${songId} already`);

/** The same curator with the same bytes for the same song has the same upload, so starting twice is starting once. */
const uploadIdFor = ({ userId }: Actor, { sha256, sizeBytes, songId }: UploadInput): string =>
  createHash("sha256")
    .update([userId, sha256, sizeBytes, ...(songId === undefined ? [] : [songId])].join(" "))
    .digest("base64url")
    .slice(0, 22);

type Parts = ReadonlyMap<number, string> | "assembled";
type Resumable = { readonly upload: OpenUpload; readonly parts: Parts };

async function resumable(deps: UploadDeps, upload: OpenUpload): Promise<Resumable | undefined> {
  if (!(upload.state === "processing" || mayBeProcessed(upload))) return undefined;
  const parts = await deps.multipart.parts(upload.objectKey, upload.multipartId);
  if (parts) return { upload, parts };
  // The store has made one object of the parts, for one who processes them or has tried to.
  return upload.state === "open" ? undefined : { upload, parts: "assembled" };
}

/** The quota is given back where nothing was begun: for a start that failed, and for one of two at once. */
async function begin(
  deps: UploadDeps,
  actor: Actor,
  { uploadId, before }: { readonly uploadId: string; readonly before: OpenUpload | undefined },
  input: UploadInput,
): Promise<Resumable> {
  const fileName = requireText("body/fileName", input.fileName);
  const { newId } = deps;
  const begunAt = deps.clock.now();
  const songId = input.songId ?? newId();
  // A key for each version: whoever hears the old one hears it to its end.
  const objectKey = `audio/${songId}/${newId()}`;
  const giveBack = () => giveQuotaBack(deps, actor.userId, input.sizeBytes, begunAt);
  await takeQuota(deps, actor.userId, input.sizeBytes, begunAt);
  const multipartId = await deps.multipart
    .begin(objectKey, input.contentType)
    .catch(async (error: unknown) => {
      await giveBack();
      throw error;
    });
  const upload: OpenUpload = {
    uploadId,
    userId: actor.userId,
    fileName,
    sizeBytes: input.sizeBytes,
    sha256: input.sha256,
    tier: input.tier ?? "free",
    songId,
    isReplacement: input.songId !== undefined,
    objectKey,
    multipartId,
    expiresAt: new Date(begunAt.getTime() + openForMs).toISOString(),
    state: "open",
    etag: newId(),
    attempts: 0,
  };
  return (await deps.uploads.begin(upload, before))
    ? { upload, parts: new Map() }
    : giveWay(deps, upload, giveBack);
}

/** Another call has begun the same upload meanwhile. */
async function giveWay(
  deps: UploadDeps,
  { uploadId, objectKey, multipartId }: OpenUpload,
  giveBack: () => Promise<void>,
): Promise<Resumable> {
  await giveBack();
  await deps.multipart.abort(objectKey, multipartId);
  const begun = await deps.uploads.get(uploadId);
  const other = begun && (await resumable(deps, begun));
  if (!other) throw new DomainError("conflict", "The same upload is being started elsewhere; start it again");
  return other;
}

async function describe(deps: UploadDeps, upload: OpenUpload, parts: Parts) {
  const { uploadId, objectKey, multipartId, sizeBytes, expiresAt } = upload;
  const count = Math.ceil(Math.min(sizeBytes, maxUploadBytes) / uploadPartBytes);
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return {
    uploadId,
    partSizeBytes: uploadPartBytes,
    expiresAt,
    parts: await Promise.all(
      numbers.map(async (partNumber) => ({
        partNumber,
        url: await deps.multipart.partUrl(
          { key: objectKey, multipartId, partNumber, sizeBytes: partSize(sizeBytes, partNumber) },
          urlSeconds,
        ),
        uploaded: parts === "assembled" || parts.has(partNumber),
      })),
    ),
  };
}

/** All parts are of one size; the last has what is left. */
const partSize = (sizeBytes: number, partNumber: number): number =>
  Math.min(uploadPartBytes, sizeBytes - (partNumber - 1) * uploadPartBytes);
