import { join } from "node:path";
import { type ServerProcess, spawnServer } from "../support/server-process.ts";
import type { Song } from "./seed.ts";
import type { Stage } from "./stage.ts";

/** A bare Node.js server of so many processes that has one song in memory. */
export async function startBare({ own }: Stage, { direct }: Song, workers: number): Promise<ServerProcess> {
  const env = { ORIGIN: direct, WORKERS: String(workers) };
  return own(await spawnServer({ args: [join(import.meta.dirname, "bare-host.ts")], env, workers }));
}
