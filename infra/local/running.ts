import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Environment } from "../../core/domain/ports.ts";
import { type DataDir, type Holder, isProcessAlive, thisProcess } from "./data-dir.ts";

/** What command-line tools on this machine need of the Encore that runs on a data folder. */
export type RunningEncore = {
  readonly pid: number;
  /** Where the player is, like `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly managementUrl: string;
  /** What `control.ts` answers; undefined where the tables are those of an engine of others. */
  readonly controlUrl?: string | undefined;
  /** Whether both engines are embedded, and keep their data in the folder. */
  readonly embedded: boolean;
  /**
   * Endpoints, region and access keys of the engines, table prefix, bucket, and the secret of the management listener:
   * laid over a tool's own environment, it is an environment for `core/aws`.
   */
  readonly env: Environment;
};

const fileName = "running.json";

const variables = [
  "AWS_REGION",
  "AWS_ENDPOINT_URL_DYNAMODB",
  "AWS_ENDPOINT_URL_DYNAMODB_STREAMS",
  "AWS_ENDPOINT_URL_S3",
  "TABLE_PREFIX",
  "MUSIC_BUCKET",
  "MANAGEMENT_SECRET",
];

/** Those of an account of one's own are not written to disk: a tool is given them as Encore was. */
const credentials = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

type Announcement = {
  readonly url: string;
  readonly managementUrl: string;
  readonly controlUrl?: string | undefined;
  readonly embedded: boolean;
  /** The environment that Encore's parts were given. */
  readonly env: Environment;
  /** The environment that Encore was started with. */
  readonly given: Environment;
};

/** Writes `running.json` into the data folder, for its owner alone to read. @returns the undo */
export async function announceRunning(
  file: DataDir["file"],
  { env, given, ...places }: Announcement,
): Promise<() => Promise<void>> {
  const path = file(fileName);
  const aside = `${path}.new`;
  const own = credentials.filter((name) => env[name] !== given[name]);
  const told = Object.fromEntries([...variables, ...own].map((name) => [name, env[name]]));
  const content = { ...(await thisProcess()), ...places, env: told };
  await rm(aside, { force: true });
  await writeFile(aside, JSON.stringify(content, undefined, 2), { mode: 0o600, flag: "wx" });
  await rename(aside, path);
  return () => rm(path, { force: true });
}

/** The Encore that runs on the data folder; undefined where none does, also where one was killed and left its file. */
export async function readRunning(dataDir: string): Promise<RunningEncore | undefined> {
  const text = await readFile(join(resolve(dataDir), fileName), "utf8").catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    },
  );
  const running = text && parse(text);
  return running && (await isProcessAlive(running)) ? running : undefined;
}

/** Undefined for what a power cut has left of the file. */
function parse(text: string): (RunningEncore & Holder) | undefined {
  try {
    return JSON.parse(text) as RunningEncore & Holder;
  } catch {
    return undefined;
  }
}
