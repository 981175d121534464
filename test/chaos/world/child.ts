import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export type Child<Ready> = {
  readonly process: ChildProcess;
  /** What it says when it is ready; rejects when it ends before. */
  readonly ready: Promise<Ready>;
  readonly exited: Promise<unknown>;
};

/** A process of its own from a file, which is told its settings first. */
export function startChild<Ready>(file: URL, settings: object): Child<Ready> {
  const process = fork(file, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(process, "exit");
  const died = exited.then(() => Promise.reject(new Error(`${file.pathname} ended before it was ready`)));
  const ready = Promise.race([once(process, "message").then(([message]) => message as Ready), died]);
  // Whoever waits is told; nobody need wait.
  ready.catch(() => {});
  died.catch(() => {});
  process.on("error", () => {});
  process.send(settings, () => {});
  return { process, ready, exited };
}
