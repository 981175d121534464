import { readFile, stat } from "node:fs/promises";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";
import { createDatabase, type Database } from "../../core/aws/clients.ts";
import { dynamoDbConfig, readAwsConfig } from "../../core/aws/config.ts";
import { renewEpochs } from "../../core/aws/renew-epochs.ts";
import type { DataDir } from "./data-dir.ts";
import { nodeDisk, replaceFile } from "./disk.ts";
import type { Engines } from "./engines.ts";
import { ignoreMissing } from "./ignore-missing.ts";
import { markKey } from "./rollback-mark.ts";

/**
 * Each start and each stop gives the tables a new mark, and writes it beside them. So a start knows whether the tables
 * are the ones that were there last: not a copy of an earlier day, not without their latest writes.
 */
type Mark = {
  readonly mark: string;
  /** The one before: the process may have ended between the row and the file. */
  readonly before?: string;
};

type Noted = {
  readonly mark: string;
  /** When the file system made the file `rollback.mark` in this folder, in nanoseconds: a copy has another time. */
  readonly madeAt: string | undefined;
};

const fileName = "rollback.json";
const markerName = "rollback.mark";
const markerText = "Tells Encore whether this folder is the one it was, or a copy. Leave it alone.";

export type RollbackWatch = {
  /** How many users' epochs were renewed, where the tables were found to have gone back. */
  readonly renewed: number | undefined;
  /** Notes that all was written; to be called when nothing writes any more. */
  close(): Promise<void>;
};

/**
 * Finds out whether the embedded tables went back since they were last used, and gives every user's head a new epoch then,
 * so that devices take what is there. To be awaited before anybody is served.
 */
export async function watchRollback(file: DataDir["file"], database: Database): Promise<RollbackWatch> {
  const row = await readRow(database);
  const noted = await readNoted(file(fileName));
  const renewed = wentBack(row, noted, await markerTime(file(markerName)))
    ? await renewEpochs(database, ulid)
    : undefined;
  let last = row?.mark;

  /** The row first: a file that is ahead of its row says that the tables went back. */
  async function advance(): Promise<void> {
    const mark = ulid();
    await writeRow(database, { mark, ...(last !== undefined && { before: last }) });
    last = mark;
    // Made anew, and with other contents, so that a copy of before that is laid over this folder has another time.
    await replaceFile(nodeDisk, file(markerName), `${markerText} ${mark}\n`, 0o600);
    const madeAt = await markerTime(file(markerName));
    await replaceFile(nodeDisk, file(fileName), JSON.stringify({ mark, madeAt } satisfies Noted), 0o600);
  }
  await advance();
  return { renewed, close: advance };
}

/**
 * Watches the tables of a data folder from a start on; those of other engines are watched by nobody.
 * @returns what is to be called when nothing writes any more
 */
export async function watchTables(
  { env, rows }: Pick<Engines, "env" | "rows">,
  { file }: Pick<DataDir, "file">,
): Promise<() => Promise<void>> {
  if (!rows) return async () => {};
  const database = createDatabase(readAwsConfig(env).tablePrefix, dynamoDbConfig(env));
  const { renewed, close } = await watchRollback(file, database);
  if (renewed !== undefined)
    process.stderr.write(
      `The tables are older than those that were here last; devices take what is there (${renewed} lists)\n`,
    );
  return async () => {
    // A disk that refuses writes has been told of; the mark that is there stays good.
    await close().catch(() => {});
    database.client.destroy();
  };
}

/** Without file and row the folder is new, or was restored from a backup, which has new epochs already. */
function wentBack(row: Mark | undefined, noted: Noted | undefined, madeAt: string | undefined): boolean {
  if (!row || !noted) return Boolean(row ?? noted);
  return noted.madeAt !== madeAt || (noted.mark !== row.mark && noted.mark !== row.before);
}

async function readRow({ client, table }: Database): Promise<Mark | undefined> {
  const { Item } = await client.send(
    new GetCommand({ TableName: table("audit"), Key: markKey, ConsistentRead: true }),
  );
  return Item as Mark | undefined;
}

const writeRow = ({ client, table }: Database, mark: Mark) =>
  client.send(new PutCommand({ TableName: table("audit"), Item: { ...markKey, ...mark } }));

/** Undefined for what a full disk has left of the file, too. */
async function readNoted(path: string): Promise<Noted | undefined> {
  const text = await readFile(path, "utf8").catch(ignoreMissing);
  try {
    return text ? (JSON.parse(text) as Noted) : undefined;
  } catch {
    return undefined;
  }
}

/** A copy cannot have the time of the original, however it was made; some file systems have no time of making. */
async function markerTime(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(ignoreMissing);
  return stats && String(stats.birthtimeNs || stats.ctimeNs);
}
