import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Song, Tier } from "../../../core/contract/catalogue.ts";
import {
  maxFileNameLength,
  maxUploadBytes,
  type Upload,
  type UploadInput,
  type UploadStarted,
} from "../../../core/contract/uploads.ts";
import { cleanText } from "../../../core/domain/shared/text.ts";
import { lastPart, readName } from "./file-names.ts";
import { openToRead } from "./first-bytes.ts";
import { readAt } from "./read-at.ts";
import { Unavailable } from "./request.ts";

/** The calls of an upload, whether they go over HTTP or straight to the use cases. */
export type UploadApi = {
  start(input: UploadInput): Promise<UploadStarted>;
  /** Resolves with the song however long its processing takes; `onProcessing` is told now and then meanwhile. */
  complete(uploadId: string, onProcessing?: () => void): Promise<Song>;
  abort?(uploadId: string): Promise<void>;
};

export type FileToUpload = {
  readonly path: string | Buffer;
  readonly contentType: string;
  readonly tier?: Tier;
  /** The song whose audio it replaces; a new song where absent. */
  readonly songId?: string;
};

export type UploadProgress = {
  /** Told of bytes as the store has them; parts that it had before count at once. */
  readonly onBytes?: (count: number) => void;
  /** Told now and then while the file, which has been sent, is still looked into. */
  readonly onProcessing?: () => void;
  readonly signal?: AbortSignal;
  /** How long a part may take before it is sent again (milliseconds). */
  readonly partTimeoutMs?: number;
};

export type UploadOutcome =
  | { readonly status: "added"; readonly song: Song }
  | { readonly status: "exists"; readonly songId: string };

/** How many parts of one file travel at once. */
const partsAtOnce = 3;

/** Brings one file in, or finds that it is there; what an earlier try had sent is not sent again. */
export async function uploadFile(
  api: UploadApi,
  file: FileToUpload,
  progress: UploadProgress = {},
): Promise<UploadOutcome> {
  const handle = await openToRead(file.path);
  try {
    const before = await handle.stat();
    const { size } = before;
    refuseUnusable(before);
    const input = await announce(handle, size, file, progress.signal);
    const started = await api.start(input);
    if (started.status === "exists") {
      progress.onBytes?.(size);
      return started;
    }
    const { uploadId } = started.upload;
    await sendParts(handle, size, started.upload, progress);
    const after = await handle.stat();
    if (after.size !== size || after.mtimeMs !== before.mtimeMs) {
      // What was sent is of no use to the next try.
      await api.abort?.(uploadId);
      throw new Error("The file changed while it was sent; import it again");
    }
    return { status: "added", song: await api.complete(uploadId, progress.onProcessing) };
  } finally {
    await handle.close();
  }
}

/** As it is now, whatever it was when it was found. */
function refuseUnusable(stats: Stats): void {
  if (!stats.isFile()) throw new Error("It is a pipe, a socket or a device");
  if (stats.size === 0) throw new Error("The file is empty");
  if (stats.size > maxUploadBytes)
    throw new Error(`The file is larger than ${maxUploadBytes / 2 ** 20} MiB, the most that a song may have`);
}

async function announce(
  handle: FileHandle,
  sizeBytes: number,
  { path, contentType, tier, songId }: FileToUpload,
  signal?: AbortSignal,
): Promise<UploadInput> {
  const name = typeof path === "string" ? basename(path) : readName(lastPart(path));
  return {
    fileName: cleanText(name, maxFileNameLength) ?? "Untitled",
    sizeBytes,
    contentType,
    sha256: await sha256Of(handle, sizeBytes, signal),
    ...(tier && { tier }),
    ...(songId !== undefined && { songId }),
  };
}

/** Of the bytes that will be sent: what is added meanwhile does not count, and a file that grows has an end. */
async function sha256Of(handle: FileHandle, sizeBytes: number, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const options = { start: 0, end: sizeBytes - 1, autoClose: false };
  for await (const chunk of handle.createReadStream(options)) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest("hex");
}

async function sendParts(
  handle: FileHandle,
  size: number,
  { parts, partSizeBytes }: Upload,
  progress: UploadProgress,
): Promise<void> {
  const { onBytes } = progress;
  const lengthOf = (partNumber: number) => Math.min(partSizeBytes, size - (partNumber - 1) * partSizeBytes);
  const missing = parts.filter(({ uploaded }) => !uploaded);
  for (const { partNumber, uploaded } of parts) if (uploaded) onBytes?.(lengthOf(partNumber));
  const worker = async () => {
    for (let part = missing.shift(); part; part = missing.shift()) {
      const length = lengthOf(part.partNumber);
      const bytes = await readAt(handle, (part.partNumber - 1) * partSizeBytes, length);
      if (bytes.length < length)
        throw new Error("The file became shorter while it was sent; import it again");
      await putPart(part.url, bytes, progress);
      onBytes?.(bytes.length);
    }
  };
  await Promise.all(Array.from({ length: partsAtOnce }, worker));
}

/** As long as any other call waits for what passes by itself: half a minute. */
const tries = 8;
const [firstWaitMs, longestWaitMs] = [250, 15_000];

/** A part that takes longer is given up and sent again (milliseconds): 8 MiB at half a megabit a second. */
const partTimeoutMs = 140_000;

async function putPart(
  url: string,
  bytes: Buffer<ArrayBuffer>,
  { signal, partTimeoutMs: timeoutMs = partTimeoutMs }: UploadProgress,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await sendPart(url, bytes, timeoutMs, signal).catch((error: Error) => error);
    if (outcome instanceof Response && outcome.ok) return;
    if (outcome instanceof Response && outcome.status === 403)
      throw new Error(
        "It took so long that the store takes no more of it; run the import again, it goes on there",
      );
    const reason = outcome instanceof Error ? outcome.message : `the store answered ${outcome.status}`;
    signal?.throwIfAborted();
    if (attempt === tries) throw new Unavailable(`A part could not be sent: ${reason}`);
    const waitMs = Math.min(firstWaitMs * 2 ** (attempt - 1), longestWaitMs);
    await wait(waitMs, undefined, signal && { signal }).catch(() => {});
    signal?.throwIfAborted();
  }
}

async function sendPart(
  url: string,
  body: Buffer<ArrayBuffer>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const answer = await fetch(url, {
    method: "PUT",
    body,
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  });
  // Read, so that the connection is used again.
  await answer.arrayBuffer();
  return answer;
}
