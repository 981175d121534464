import type { ProblemKind } from "../../contract/problem.ts";
import type { SongAudio, SongRecord } from "../catalogue/ports.ts";
import { toSong } from "../catalogue/record.ts";
import { DomainError } from "../errors.ts";
import type { ProcessDeps } from "./deps.ts";
import type { InspectedAudio, OpenUpload } from "./ports.ts";
import { publishSong } from "./publish.ts";
import { replaceAudio } from "./replace.ts";
import { outcomeKeptMs } from "./status.ts";

/** How often an upload is begun anew before it has failed: also one that ends its process each time. */
export const maxAttempts = 4;

/**
 * Checks the bytes that came and makes a song of them, or a new version of the song that they replace. Each step can be
 * run again, so what broke off is simply made again; of two uploads of the same bytes at once, one becomes the song and
 * both answer it. Whatever comes of it stands in the upload's row in the end.
 * @throws what the stores throw, while there are attempts left: to be called again
 */
export async function processUpload(deps: ProcessDeps, uploadId: string): Promise<void> {
  const before = await deps.uploads.get(uploadId);
  if (before?.state !== "processing") return;
  const upload = { ...before, attempts: before.attempts + 1, etag: deps.newId() };
  // Whoever was quicker processes it.
  if (!(await deps.uploads.replace(before, upload))) return;
  try {
    if (upload.attempts > maxAttempts) throw new DomainError("internal", "The file could not be processed");
    await finish(deps, upload, { state: "done", song: toSong(await makeSong(deps, upload)) });
  } catch (error) {
    const refusal =
      error instanceof DomainError && told.has(error.kind) ? error : new DomainError("internal");
    if (!isFinal(refusal) && upload.attempts < maxAttempts) throw error;
    if (refusal !== error) deps.log.error({ uploadId, err: error }, "An upload could not be processed");
    await fail(deps, upload, refusal);
  }
}

/** What an upload's problem may be: whatever else a store says means something else to who completes it. */
const told: ReadonlySet<ProblemKind> = new Set(["bad-audio", "conflict", "not-found", "unavailable"]);

/** What another attempt would meet again. */
class Final extends DomainError {}

const isFinal = (refusal: DomainError): boolean => refusal instanceof Final || refusal.kind === "bad-audio";

async function makeSong(deps: ProcessDeps, upload: OpenUpload): Promise<SongRecord> {
  const object = await assemble(deps, upload);
  const audio = await inspect(deps, upload, object);
  const version = { ...audio, object };
  const record = upload.isReplacement
    ? await replaceAudio(deps, upload, version)
    : await publishSong(deps, upload, version);
  if (record instanceof DomainError) throw new Final(record.kind, record.message);
  return record;
}

async function assemble(deps: ProcessDeps, upload: OpenUpload): Promise<SongAudio> {
  const { objectKey, multipartId, sizeBytes } = upload;
  const parts = await deps.multipart.parts(objectKey, multipartId);
  if (parts) await deps.multipart.complete(objectKey, multipartId, parts);
  const object = await deps.objects.head(objectKey);
  if (!object) throw new DomainError("bad-audio", "No part of the file has been uploaded");
  if (object.sizeBytes === sizeBytes) return object;
  throw new DomainError(
    "bad-audio",
    `${object.sizeBytes} bytes came of the ${sizeBytes} that were announced`,
  );
}

async function inspect(
  deps: ProcessDeps,
  upload: OpenUpload,
  { key, etag, sizeBytes }: SongAudio,
): Promise<InspectedAudio> {
  const end = sizeBytes - 1;
  const body = await deps.objects.read({ key, etag, start: 0, end, signal: new AbortController().signal });
  return deps.inspector.inspect(body, upload);
}

/** Nothing of a refused file is left; what failed by us can be tried again. */
async function fail(deps: ProcessDeps, upload: OpenUpload, refusal: DomainError): Promise<void> {
  await finish(deps, upload, { state: "failed", problem: refusal.toProblem() });
  // Afterwards: without the file, one who tries again would say that none was sent.
  if (isFinal(refusal)) await deps.objects.delete(upload.objectKey);
}

async function finish(
  { uploads, clock, newId }: ProcessDeps,
  upload: OpenUpload,
  outcome: Pick<OpenUpload, "state" | "song" | "problem">,
): Promise<void> {
  const expiresAt = new Date(clock.now().getTime() + outcomeKeptMs).toISOString();
  await uploads.replace(upload, { ...upload, ...outcome, expiresAt, etag: newId() });
}
