import { createHash } from "node:crypto";
import { expect } from "vitest";
import { createS3Client } from "../../core/aws/clients.ts";
import { createObjectLister, createObjectStore } from "../../core/aws/object-store.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import type { Song } from "../../core/contract/catalogue.ts";
import { type UploadInput, uploadPartBytes } from "../../core/contract/uploads.ts";
import type { Actor } from "../../core/domain/actor.ts";
import { completeUpload } from "../../core/domain/uploads/complete.ts";
import type { ProcessDeps } from "../../core/domain/uploads/deps.ts";
import { processUpload } from "../../core/domain/uploads/process.ts";
import { startUpload, type UploadDeps } from "../../core/domain/uploads/uploads.ts";
import { processUploadsDeps } from "../../lambdas/deps/process-uploads.ts";
import { uploadsDeps } from "../../lambdas/deps/uploads.ts";
import { testDatabase } from "./accounts.ts";
import { environmentOf, type TestAws } from "./engines.ts";

/** The use cases of uploads on real engines, and a look behind them. */
export function uploadWorld(aws: TestAws) {
  const env = { ...environmentOf(aws), ALLOWED_ORIGINS: "http://127.0.0.1", TOKEN_PUBLIC_KEYS: "{}" };
  const deps: UploadDeps & ProcessDeps = { ...processUploadsDeps(env), ...uploadsDeps(env) };
  const s3 = createS3Client({ endpoint: aws.s3Endpoint, region: aws.region, credentials: aws.credentials });
  const bucket = { client: s3, bucket: aws.bucket };
  return {
    deps,
    songs: createSongStore(testDatabase(aws)),
    objects: { ...createObjectStore(bucket), ...createObjectLister(bucket) },
    /** Announces bytes and sends them. @returns the upload's id, or the song's that they are already */
    async send(actor: Actor, bytes: Buffer, more: Partial<UploadInput> = {}): Promise<string> {
      const started = await startUpload(deps, actor, { ...announce(bytes), ...more });
      if (started.status === "exists") return started.songId;
      for (const { partNumber, url } of started.upload.parts) {
        const part = bytes.subarray((partNumber - 1) * uploadPartBytes, partNumber * uploadPartBytes);
        expect((await fetch(url, { method: "PUT", body: new Uint8Array(part) })).status).toBe(200);
      }
      return started.upload.uploadId;
    },
    /** Completes an upload, and processes it as its stream record would have it. */
    async complete(actor: Actor, uploadId: string, through = deps): Promise<Song> {
      const awaitOutcome = async () => {
        await processUpload(through, uploadId);
        return through.uploads.get(uploadId);
      };
      const { song } = await completeUpload({ ...through, awaitOutcome }, actor, { uploadId });
      if (!song) throw new Error("The upload is still being processed");
      return song;
    },
  };
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const announce = (bytes: Buffer): UploadInput => ({
  fileName: "a tone.mp3",
  sizeBytes: bytes.length,
  contentType: "audio/mpeg",
  sha256: sha256Of(bytes),
});
