import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { CoverResizer } from "../../core/domain/uploads/ports.ts";
import { pictureType } from "./picture-type.ts";
import type { Resized, ResizeTask } from "./resize-worker.ts";

/** Longer than any picture takes that a cover may have; it includes the thread's start (milliseconds). */
const timeoutMs = 15_000;

/** Beside this file, as source and in a bundle. */
const workerFile = new URL(`./resize-worker${extname(import.meta.url)}`, import.meta.url);

let worker: Worker | undefined;
let last: Promise<unknown> = Promise.resolve();

/** One picture at a time, in one thread, which starts with the first of them. */
export const coverResizer: CoverResizer = {
  async resize(picture, pixels) {
    // libvips reads more than that: whatever nobody has for a cover is nobody's way in.
    if (pictureType(picture) === undefined) return undefined;
    const resizing = last.then(() => resize({ picture, pixels }));
    last = resizing.catch(() => {});
    return resizing;
  },
};

async function resize(task: ResizeTask): Promise<Resized> {
  worker ??= startWorker();
  const current = worker;
  try {
    current.ref();
    current.postMessage(task);
    const [resized] = await once(current, "message", { signal: AbortSignal.timeout(timeoutMs) });
    return resized as Resized;
  } catch {
    // It has died of the picture, or was not through with it in time: the next one gets a new thread.
    worker = undefined;
    await current.terminate();
    return undefined;
  } finally {
    // Nothing to do is no reason for the process to stay.
    current.unref();
  }
}

function startWorker(): Worker {
  const started = new Worker(workerFile, { resourceLimits: { maxOldGenerationSizeMb: 256 } });
  started.on("error", () => {});
  return started;
}
