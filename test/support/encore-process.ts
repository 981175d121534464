import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export type EncoreProcess = {
  /** Where the player is. */
  readonly url: string;
  readonly pid: number;
  /** Resolves with the exit code when the process has ended, whoever ended it. */
  readonly exited: Promise<number | null>;
  /** Sends a signal; resolves with the exit code, null where the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

export type FailedStart = { readonly code: number | null; readonly stderr: string };

const start = (env: Record<string, string>) =>
  spawn(process.execPath, ["--import", "./core/require-node.mjs", "infra/local/main.ts"], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: "0", DEMO_TRACKS: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });

/** `npm start` without npm, in a process of its own; resolves when it says where it plays. */
export async function spawnEncore(env: Record<string, string>): Promise<EncoreProcess> {
  const child = start(env);
  child.stderr.pipe(process.stderr);
  const exited = (once(child, "exit") as Promise<[number | null]>).then(([code]) => code);
  const url = new Promise<string>((resolve) => {
    createInterface(child.stdout).on("line", (line) => {
      const found = /^Encore plays at (\S+)$/.exec(line)?.[1];
      if (found) resolve(found);
    });
  });
  return {
    url: await Promise.race([
      url,
      exited.then((code) => {
        throw new Error(`Encore ended with ${code} before it was ready`);
      }),
    ]),
    pid: child.pid ?? 0,
    exited,
    end: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

/** A start that is to fail: what it says, and its exit code. */
export async function failToStart(env: Record<string, string>): Promise<FailedStart> {
  const child = start(env);
  child.stdout.resume();
  const exited = once(child, "exit") as Promise<[number | null]>;
  const stderr = Buffer.concat(await child.stderr.toArray()).toString();
  return { code: (await exited)[0], stderr };
}
