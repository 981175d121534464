import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Figures } from "../support/figures.ts";

export type Load = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
};

const msOf = { us: 0.001, ms: 1, s: 1000 } as const;

/** As many requests as go through, by wrk with one thread. @throws Error where one of them was not answered well */
export async function wrk({ url, headers, connections, seconds }: Load): Promise<Figures> {
  const named = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const args = ["-t1", `-c${connections}`, `-d${seconds}`, "--latency", ...named, url];
  const { stdout: output } = await promisify(execFile)("wrk", args);
  const [, amount, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(output) ?? [];
  const perSecond = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1];
  if (/Non-2xx|Socket errors/.test(output) || !perSecond || !unit) throw new Error(output);
  return { "requests/s": Number(perSecond), "p99 ms": Number(amount) * msOf[unit as keyof typeof msOf] };
}
