import { spawn } from "node:child_process";
import { once } from "node:events";

export type ToolResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/**
 * Runs a command-line tool of `infra/local` to its end, as `npm run` does, in an environment of its own.
 * @param user the id of another user to run it as, which only root may ask for
 */
export async function runTool(
  entry: string,
  args: readonly string[],
  env: Record<string, string>,
  user?: number,
): Promise<ToolResult> {
  const child = spawn(process.execPath, ["--import", "./core/require-node.mjs", entry, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(user !== undefined && { uid: user, gid: user }),
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  const [stdout, stderr] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  const text = (chunks: unknown[]) => Buffer.concat(chunks as Buffer[]).toString();
  return { code: (await exited)[0], stdout: text(stdout), stderr: text(stderr) };
}
