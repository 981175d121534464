import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export type Child<Ready> = {
  readonly process: ChildProcess;
  /** What it says when it is ready; rejects when it ends before. */
  readonly ready: Promise<Ready>;
  readonly exited: Promise<unknown>;
};

/** A process of its own from one of the files here, which is told its settings first. */
export function startChild<Ready>(file: string, settings: object): Child<Ready> {
  const process = fork(join(import.meta.dirname, file), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(process, "exit");
  const died = exited.then(() => Promise.reject(new Error(`${file} ended before it was ready`)));
  const ready = Promise.race([once(process, "message").then(([message]) => message as Ready), died]);
  // Whoever waits is told; nobody need wait.
  ready.catch(() => {});
  died.catch(() => {});
  process.on("error", () => {});
  process.send(settings, () => {});
  return { process, ready, exited };
}
