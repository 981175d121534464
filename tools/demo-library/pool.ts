import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Rendered } from "./render-track.ts";
import type { Job, Result } from "./worker.ts";

/** More would leave nothing for the server that starts beside them. */
const MOST_WORKERS = 2;

/**
 * Runs jobs on worker threads, each taking the next one as it gets free; all threads have ended when it returns.
 * The first failure, or the signal, ends them at once.
 */
export async function runJobs(
  jobs: readonly Job[],
  onDone: (job: Job, rendered: Rendered) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const queue = [...jobs];
  const count = Math.min(MOST_WORKERS, availableParallelism(), jobs.length);
  const stop = new AbortController();
  const ended = AbortSignal.any(signal ? [stop.signal, signal] : [stop.signal]);
  const work = async (): Promise<void> => {
    // Flags of the main thread, such as a test runner's loader, are not for these.
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { execArgv: [] });
    try {
      for (let job = queue.shift(); job; job = queue.shift())
        await onDone(job, await ask(worker, job, ended));
    } catch (error) {
      stop.abort(error);
      throw error;
    } finally {
      await worker.terminate();
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: count }, work));
  signal?.throwIfAborted();
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure) throw stop.signal.reason;
}

async function ask(worker: Worker, job: Job, signal: AbortSignal): Promise<Rendered> {
  worker.postMessage(job);
  const [result] = (await once(worker, "message", { signal })) as [Result];
  if ("error" in result) throw new Error(`demo track ${result.id}: ${result.error}`);
  return result.rendered;
}
