import { readFile } from "node:fs/promises";
import type { Environment } from "../../core/domain/ports.ts";

/** `again`: somebody who has asked before does not want to wait. */
export type StopRequest = (reason: string, again: boolean) => void;

/** npm hands on a Ctrl-C that its child has had from the terminal already: what comes this soon is the same (ms). */
const sameRequestMs = 1_000;

/**
 * Asks to stop on SIGINT, SIGTERM and SIGHUP (a closed terminal), and when npm has gone that started this process:
 * a shell between the two ends at SIGTERM and hands nothing on.
 */
export async function onStopRequest(request: StopRequest, env: Environment): Promise<void> {
  let first: number | undefined;
  const ask = (reason: string) => {
    const now = performance.now();
    if (first !== undefined && now - first < sameRequestMs) return;
    request(reason, first !== undefined);
    first ??= now;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ask(signal));
  // A terminal or pipe that has closed is told nothing; it must not end the process in the middle of its work.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  if (env.npm_lifecycle_event !== undefined) await watchAncestors(() => ask("npm has ended"));
}

/** How often they are looked for (milliseconds). */
const lookMs = 500;

/** The parent, and the parent's parent where the parent is but a shell; calls back once, when either has gone. */
async function watchAncestors(onGone: () => void): Promise<void> {
  const parent = process.ppid;
  const grandparent = (await isShell(parent)) ? await parentOf(parent) : undefined;
  const timer = setInterval(async () => {
    const same =
      process.ppid === parent && (grandparent === undefined || (await parentOf(parent)) === grandparent);
    if (same) return;
    clearInterval(timer);
    onGone();
  }, lookMs).unref();
}

/** What the system tells of a process (proc(5)); nothing where it has no such files. */
const readProcess = (pid: number, name: string): Promise<string> =>
  readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");

const isShell = async (pid: number): Promise<boolean> =>
  /^(ba|da|a|z|k)?sh$/.test((await readProcess(pid, "comm")).trim());

/** Undefined where the system does not tell (proc_pid_stat(5), field 4). */
async function parentOf(pid: number): Promise<number | undefined> {
  const stat = await readProcess(pid, "stat");
  const field = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  return field === undefined ? undefined : Number(field);
}
