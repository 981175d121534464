import { parentPort } from "node:worker_threads";
import { entries } from "./catalogue.ts";
import { type Rendered, renderTrack } from "./render-track.ts";

/** A piece to make: its id, the cover of its album, and where the file goes. */
export type Job = { id: string; cover: Uint8Array; path: string };

/** What became of a job. */
export type Result = { id: string; rendered: Rendered } | { id: string; error: string };

const byId = new Map(entries().map((entry) => [entry.piece.id, entry]));

async function run({ id, cover, path }: Job): Promise<Result> {
  const entry = byId.get(id);
  if (entry === undefined) return { id, error: "no such piece" };
  try {
    return { id, rendered: await renderTrack(entry, cover, path) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", async (job: Job) => parentPort?.postMessage(await run(job)));
