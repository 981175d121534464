import { readFile } from "node:fs/promises";

/** So many are open before anybody has come: libraries, LevelDB's tables, listeners. */
const needed = 256;
/** With fewer than this, some hundred listeners are turned away by the limit and not by the machine. */
const comfortable = 4096;

const remedy = 'raise it, like "ulimit -n 65536" (systemd: LimitNOFILE=65536, Docker: --ulimit nofile=65536)';

/** A line about a limit of open files that is low; Node.js has raised it to its hard limit already (setrlimit(2)). */
export function describeOpenFiles(limit: number): string | undefined {
  if (limit >= comfortable) return undefined;
  return `This process may open only ${limit} files, which listeners and live connections share: ${remedy}`;
}

/** @throws Error where a start cannot succeed with so few */
export function requireOpenFiles(limit: number): void {
  if (limit < needed)
    throw new Error(`this process may open only ${limit} files and needs ${needed} or more: ${remedy}`);
}

/** Linux tells it in proc_pid_limits(5); elsewhere nothing is known, and nothing is said. */
export async function readOpenFilesLimit(): Promise<number> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const soft = /^Max open files +(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
