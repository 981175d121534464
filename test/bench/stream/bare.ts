import { join } from "node:path";
import { type ServerProcess, spawnServer } from "../support/server-process.ts";
import type { Song } from "./seed.ts";

/** A bare Node.js server of so many processes that has one song in memory. */
export const startBare = ({ direct }: Song, workers: number): Promise<ServerProcess> =>
  spawnServer({
    args: [join(import.meta.dirname, "bare-host.ts")],
    env: { ORIGIN: direct, WORKERS: String(workers) },
    workers,
  });
