import { join } from "node:path";
import { type ServerProcess, spawnServer } from "../support/server-process.ts";
import type { Stage } from "./stage.ts";

const main = join(import.meta.dirname, "../../../server/main.ts");

/** A server node as it runs in AWS, of so many processes. @param flags for Node.js */
export async function startEncore(
  { env, own }: Stage,
  workers: number,
  flags: readonly string[] = [],
): Promise<ServerProcess> {
  const program = { args: [...flags, main], env: { ...env, WORKERS: String(workers) }, workers };
  return own(await spawnServer(program));
}
