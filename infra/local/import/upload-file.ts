import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import type { Song, Tier } from "../../../core/contract/catalogue.ts";
import {
  maxFileNameLength,
  type Upload,
  type UploadInput,
  type UploadStarted,
} from "../../../core/contract/uploads.ts";
import { cleanText } from "../../../core/domain/text.ts";

/** The calls of an upload, whether they go over HTTP or straight to the use cases. */
export type UploadApi = {
  start(input: UploadInput): Promise<UploadStarted>;
  /** Resolves with the song however long its processing takes; `onProcessing` is told now and then meanwhile. */
  complete(uploadId: string, onProcessing?: () => void): Promise<Song>;
  abort?(uploadId: string): Promise<void>;
};

export type FileToUpload = {
  readonly path: string;
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
  const handle = await open(file.path);
  try {
    const before = await handle.stat();
    const { size } = before;
    const started = await api.start({
      fileName: cleanText(basename(file.path), maxFileNameLength) ?? "Untitled",
      sizeBytes: size,
      contentType: file.contentType,
      sha256: await sha256Of(file.path, progress.signal),
      ...(file.tier && { tier: file.tier }),
      ...(file.songId !== undefined && { songId: file.songId }),
    });
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

async function sha256Of(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk);
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
      const bytes = Buffer.alloc(lengthOf(part.partNumber));
      await readFully(handle, bytes, (part.partNumber - 1) * partSizeBytes);
      await putPart(part.url, bytes, progress);
      onBytes?.(bytes.length);
    }
  };
  await Promise.all(Array.from({ length: partsAtOnce }, worker));
}

/** One read may bring less than was asked for, and brings nothing where the file ends. */
async function readFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) throw new Error("The file became shorter while it was sent; import it again");
    at += bytesRead;
  }
}

const tries = 4;

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
    const reason = outcome instanceof Error ? outcome.message : `the store answered ${outcome.status}`;
    signal?.throwIfAborted();
    if (attempt === tries) throw new Error(`A part could not be sent: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
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
