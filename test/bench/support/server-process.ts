import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** A server that is measured, in a process of its own with all that it forks. */
export type ServerProcess = {
  /** Where it listens, like `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
};

export type ServerProgram = {
  /** What Node.js is told, the file among it. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How many processes share the port; each says on a line of its own where it is "listening at". */
  readonly workers: number;
};

/** One that has not drained by then is cut. */
const endsWithinMs = 10_000;

export async function spawnServer({ args, env, workers }: ServerProgram): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    env: { ...pathOf(process.env), ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  const died = exited.then(([code]) => Promise.reject(new Error(`${args.at(-1)} ended with ${code}`)));
  died.catch(() => {});
  const url = await Promise.race([addressFrom(child.stdout, workers), died]);
  return {
    url,
    pid: Number(child.pid),
    async stop() {
      const late = setTimeout(() => child.kill("SIGKILL"), endsWithinMs);
      child.kill("SIGTERM");
      await exited;
      clearTimeout(late);
    },
  };
}

/** Nothing else of this process's environment is to reach what is measured. */
const pathOf = ({ PATH }: NodeJS.ProcessEnv) => ({ ...(PATH && { PATH }) });

/** Goes on reading when it has its answer, so that the server can go on writing. */
function addressFrom(output: Readable, workers: number): Promise<string> {
  let listening = 0;
  return new Promise((resolve) => {
    createInterface(output).on("line", (text) => {
      const url = /listening at (http:\/\/[\d.:]+)/.exec(text)?.[1];
      if (url && ++listening === workers) resolve(url);
    });
  });
}
