import cluster, { type Worker } from "node:cluster";
import { join } from "node:path";
import type { Environment } from "../core/domain/ports.ts";

/** `WORKERS`: how many processes share the public port. @throws Error where it is none */
export function readWorkers({ WORKERS: text = "1" }: Environment): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new Error(`WORKERS must be a whole number from 1 to 64, not ${text}`);
}

/**
 * What is different for worker number `index`: a management port of its own, counted on from the first one's, since each
 * worker is an endpoint of its own; and its share of the cache.
 */
export function workerEnvironment(env: Environment, index: number, count: number): Record<string, string> {
  const { MANAGEMENT_PORT: port, MANAGEMENT_ADDRESS: address, AUDIO_CACHE_DIR: folder } = env;
  const share = Math.max(1, Math.floor(Number(env.AUDIO_CACHE_MIB ?? 256) / count));
  return {
    AUDIO_CACHE_MIB: String(share),
    ...(port && port !== "0" && { MANAGEMENT_PORT: String(Number(port) + index) }),
    ...(address && { MANAGEMENT_ADDRESS: countOn(address, index) }),
    ...(folder && { AUDIO_CACHE_DIR: join(folder, String(index)) }),
  };
}

function countOn(address: string, index: number): string {
  const url = new URL(address);
  url.port = String(Number(url.port) + index);
  return url.origin;
}

/** A worker that ends by itself this soon after it began will do so again: it waits (milliseconds). */
const restartAfterMs = 1_000;

/**
 * Keeps `count` workers running, of which each runs the same main module. A worker that ends is replaced; SIGTERM and
 * SIGINT end all, and this process when the last has gone.
 */
export function superviseWorkers(env: Environment, count: number): void {
  let stopping = false;

  const start = (index: number): Worker => {
    const begunAt = performance.now();
    const worker = cluster.fork(workerEnvironment(env, index, count));
    worker.once("exit", () => {
      if (stopping) return;
      const early = performance.now() - begunAt < restartAfterMs;
      setTimeout(() => stopping || start(index), early ? restartAfterMs : 0);
    });
    return worker;
  };
  for (let index = 0; index < count; index++) start(index);

  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      stopping = true;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGTERM");
    });
}
