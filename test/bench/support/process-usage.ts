import { readdir, readFile } from "node:fs/promises";

/** What a program and all that it has forked use, seen from outside. */
export type ProcessUsage = {
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** The sum of what each process has had at most. */
  readonly peakRssBytes: number;
};

/** `/proc` counts time in hundredths of a second on every architecture (proc_pid_stat(5), USER_HZ). */
const msPerTick = 10;

type Stat = { readonly pid: number; readonly parent: number; readonly ticks: number };

const unknown = { cpuMs: Number.NaN, rssBytes: Number.NaN, peakRssBytes: Number.NaN };

/** Not numbers where there is no `/proc`. */
export async function usageOf(pid: number): Promise<ProcessUsage> {
  if (process.platform !== "linux") return unknown;
  const family = familyOf(pid, await allProcesses());
  const memory = await Promise.all(family.map(({ pid }) => memoryOf(pid)));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    cpuMs: sum(family.map(({ ticks }) => ticks)) * msPerTick,
    rssBytes: sum(memory.map(({ rss }) => rss)),
    peakRssBytes: sum(memory.map(({ peak }) => peak)),
  };
}

async function allProcesses(): Promise<Stat[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map(statOf));
  return stats.filter((stat) => stat !== undefined);
}

async function statOf(pid: string): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The second field is a name that may hold spaces and brackets.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  if (!fields) return undefined;
  return { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}

function familyOf(pid: number, all: readonly Stat[]): Stat[] {
  const own = all.filter((stat) => stat.pid === pid);
  const children = all.filter(({ parent }) => parent === pid);
  return [...own, ...children.flatMap((child) => familyOf(child.pid, all))];
}

async function memoryOf(pid: number): Promise<{ rss: number; peak: number }> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * 1024;
  return { rss: bytes("VmRSS"), peak: bytes("VmHWM") };
}
