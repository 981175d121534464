import { access, rm, writeFile } from "node:fs/promises";
import type { Song } from "../../../core/contract/catalogue.ts";
import type { Actor } from "../../../core/domain/actor.ts";
import type { Environment } from "../../../core/domain/ports.ts";
import { type CompleteDeps, completeUpload } from "../../../core/domain/uploads/complete.ts";
import { startUpload } from "../../../core/domain/uploads/uploads.ts";
import { catalogueDeps } from "../../../lambdas/deps/catalogue.ts";
import { uploadsDeps } from "../../../lambdas/deps/uploads.ts";
import { buildDemoLibrary, type DemoTrack } from "../../../tools/demo-library/build.ts";
import type { DataDir } from "../data-dir.ts";
import { type UploadApi, uploadFile } from "../import/upload-file.ts";

export type DemoLibraryOptions = {
  readonly env: Environment;
  readonly dataDir: DataDir;
  readonly curator: Pick<Actor, "userId" | "email">;
  readonly onProgress: (done: number, total: number, title: string) => void;
  readonly signal: AbortSignal;
  /** How many of the first tracks to make; all by default. */
  readonly only?: number | undefined;
};

/**
 * Puts the demo library in, once: what somebody takes out of it later stays out. A first start that was cut short is
 * taken up where it was.
 */
export async function seedDemoLibrary(options: DemoLibraryOptions): Promise<void> {
  const { env, dataDir, onProgress, signal, only } = options;
  const done = dataDir.file("demo-library.json");
  if (await exists(done)) return;
  const folder = dataDir.file("demo-library");
  const tracks = await buildDemoLibrary({ folder, onProgress, signal, ...(only !== undefined && { only }) });
  await upload(tracks, options);
  await searchable(env, tracks.length, signal);
  await writeFile(done, JSON.stringify({ tracks: tracks.length }));
  await rm(folder, { recursive: true, force: true });
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** The same way in as every other song's, past the sign-in alone. */
async function upload(
  tracks: readonly DemoTrack[],
  { env, curator, signal }: DemoLibraryOptions,
): Promise<void> {
  const deps = uploadsDeps(env);
  const actor: Actor = { ...curator, sessionId: "demo-library", role: "curator" };
  const api: UploadApi = {
    start: (input) => startUpload(deps, actor, input),
    complete: (uploadId) => completeFully(deps, actor, uploadId, signal),
  };
  for (const { path, contentType, tier } of tracks) {
    signal.throwIfAborted();
    await uploadFile(api, { path, contentType, tier }, { signal });
  }
}

/** Waits for as long as it takes: the streams have it processed. */
async function completeFully(
  deps: CompleteDeps,
  actor: Actor,
  uploadId: string,
  signal: AbortSignal,
): Promise<Song> {
  for (;;) {
    signal.throwIfAborted();
    const { song } = await completeUpload(deps, actor, { uploadId });
    if (song) return song;
  }
}

/** Waits until the search index, which follows the table, has the songs: they are to be found from the first moment. */
async function searchable(env: Environment, count: number, signal: AbortSignal): Promise<void> {
  const { search } = catalogueDeps(env);
  while ((await search.snapshot()).search("").length < count) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    signal.throwIfAborted();
  }
}
