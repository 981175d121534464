import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Entry, entries, type Tier } from "./catalogue.ts";
import { type CoverDesign, designs } from "./covers/designs.ts";
import { renderCover } from "./covers/render.ts";
import { formats } from "./encode/encode.ts";
import type { TrackTags } from "./encode/tags.ts";
import { libraryVersion, type Manifest, readManifest, writeManifest } from "./manifest.ts";
import { runJobs } from "./pool.ts";
import { PARTIAL, type Rendered, tagsOf } from "./render-track.ts";
import type { Job } from "./worker.ts";

/** A finished track of the demo library. `tier` is not among the file's tags. */
export type DemoTrack = TrackTags &
  Rendered & { fileName: string; path: string; contentType: string; tier: Tier };

/** Where the files go, who hears of each one done, how many of the first to make, and what ends it early. */
export type BuildOptions = {
  folder: string;
  onProgress?: (done: number, total: number, title: string) => void;
  only?: number;
  signal?: AbortSignal;
};

/**
 * Makes the demo library, or what of it is not in the folder yet, on worker threads: the same bytes on every run.
 * Rejects with the signal's reason when aborted; what is finished by then is kept, and nothing half-made is left.
 */
export async function buildDemoLibrary({
  folder,
  onProgress,
  only,
  signal,
}: BuildOptions): Promise<DemoTrack[]> {
  signal?.throwIfAborted();
  const wanted = entries().slice(0, only);
  await mkdir(folder, { recursive: true });
  const manifest = await readManifest(folder, await libraryVersion());
  const missing = wanted.filter((entry) => !(fileNameOf(entry) in manifest.files));
  if (missing.length > 0) {
    const report = (done: number, title: string) =>
      onProgress?.(wanted.length - missing.length + done, wanted.length, title);
    await make(missing, { folder, manifest, report, signal });
  }
  return wanted.map((entry) => toDemoTrack(entry, folder, manifest));
}

type Making = {
  folder: string;
  manifest: Manifest;
  report: (done: number, title: string) => void;
  signal: AbortSignal | undefined;
};

async function make(missing: readonly Entry[], { folder, manifest, report, signal }: Making): Promise<void> {
  await removePartial(folder);
  const jobs = await toJobs(missing, folder);
  const byId = new Map(missing.map((entry) => [entry.piece.id, entry]));
  let done = 0;
  try {
    await runJobs(
      jobs,
      async ({ id }, rendered) => {
        const entry = byId.get(id) as Entry;
        manifest.files[fileNameOf(entry)] = rendered;
        done += 1;
        report(done, entry.piece.title);
      },
      signal,
    );
  } finally {
    await removePartial(folder);
    await writeManifest(folder, manifest);
  }
}

/** Files that an earlier run was killed at. */
async function removePartial(folder: string): Promise<void> {
  const names = await readdir(folder);
  const partial = names.filter((name) => name.endsWith(PARTIAL));
  await Promise.all(partial.map((name) => rm(join(folder, name), { force: true })));
}

async function toJobs(missing: readonly Entry[], folder: string): Promise<Job[]> {
  const covers = new Map<CoverDesign, Uint8Array>();
  for (const design of Object.keys(designs) as CoverDesign[]) {
    if (missing.some(({ album }) => album.cover === design)) covers.set(design, await renderCover(design));
  }
  return missing.map((entry) => ({
    id: entry.piece.id,
    cover: covers.get(entry.album.cover) as Uint8Array,
    path: join(folder, fileNameOf(entry)),
  }));
}

function fileNameOf({ piece }: Entry): string {
  return `${piece.id}.${piece.format}`;
}

function toDemoTrack(entry: Entry, folder: string, manifest: Manifest): DemoTrack {
  const fileName = fileNameOf(entry);
  const rendered = manifest.files[fileName] as Rendered;
  const { contentType } = formats[entry.piece.format];
  return {
    ...tagsOf(entry),
    ...rendered,
    fileName,
    path: join(folder, fileName),
    contentType,
    tier: entry.piece.tier,
  };
}
