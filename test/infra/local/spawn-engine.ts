import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("engine-process.ts", import.meta.url));

export type SpawnedEngine = {
  readonly endpoint: string;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
};

/** An engine in a process of its own. */
export async function spawnEngine(kind: "dynamodb" | "s3", dataDir: string): Promise<SpawnedEngine> {
  const child = spawn(process.execPath, [script, kind, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [endpoint] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    endpoint,
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
