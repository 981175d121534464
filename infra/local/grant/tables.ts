import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Environment } from "../../../core/domain/ports.ts";
import { DataDirError, prepareDataDir } from "../data-dir.ts";
import { startEngines, withIdentity } from "../engines.ts";
import { readRunning } from "../running.ts";

/** An environment in which the tables can be reached, for as long as `close` is not called. */
export type ReachableTables = { readonly env: Environment; close(): Promise<void> };

/**
 * The tables of an Encore: those of the engine that the environment names, of the Encore that runs on the data folder,
 * or of the folder itself, which nobody else can use meanwhile.
 * @throws DataDirError where the folder has none, or is in use by an Encore that cannot be reached from here
 */
export async function reachTables(env: Environment): Promise<ReachableTables> {
  if (env.AWS_ENDPOINT_URL_DYNAMODB) return { env: withIdentity(env, false), close: async () => {} };
  const path = env.DATA_DIR || ".data";
  const running = await readRunning(path);
  if (running) return { env: { ...env, ...running.env }, close: async () => {} };
  return openFolder(path, env);
}

async function openFolder(path: string, env: Environment): Promise<ReachableTables> {
  const isThere = await stat(join(path, "dynamodb")).then(
    () => true,
    () => false,
  );
  if (!isThere)
    throw new DataDirError(
      `There is no data of Encore in ${resolve(path)}; set DATA_DIR to the folder that it was started with`,
    );
  const dataDir = await prepareDataDir(path);
  try {
    const engines = await startEngines(env, dataDir);
    const close = async () => {
      await engines.close();
      await dataDir.release();
    };
    return { env: engines.env, close };
  } catch (error) {
    await dataDir.release();
    throw error;
  }
}
