import { createServer } from "node:http";
import { listen } from "../listen.ts";
import type { Credentials } from "../signatures/credentials.ts";
import { createVerifier } from "../signatures/verify.ts";
import { withAtomicWrites } from "./atomic-writes.ts";
import { createDynaliteStore, runOperation } from "./dynalite.ts";
import { finishCreations } from "./finish-creations.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { createDynamoDbListener } from "./http.ts";
import type { DiskLevelOptions } from "./level/disk-level.ts";
import type { Level } from "./level/level.ts";
import { createLogStreams } from "./log-streams.ts";
import type { Run } from "./store.ts";
import { openStreamLog, type StreamLog } from "./stream-log.ts";
import type { Streams } from "./streams.ts";

export type DynamoDbOptions = DiskLevelOptions & {
  /** The keys that requests are signed with. */
  readonly credentials: Credentials;
  /** Where LevelDB keeps the data; in memory when absent. */
  readonly dataDir?: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Between rounds that remove what has had its time, in milliseconds. */
  readonly housekeepingMs?: number;
};

export type DynamoDbEngine = {
  readonly endpoint: string;
  readonly streams: Streams;
  /** Why writes are refused just now; undefined while they are taken. */
  refusal(): string | undefined;
  /** All rows of the database below the tables, as they are at one moment: that of the first one. */
  rows(): AsyncIterable<readonly [key: string, value: unknown]>;
  close(): Promise<void>;
};

/**
 * DynamoDB in this process, on 127.0.0.1.
 * @throws TablesError for a folder that cannot be used
 */
export async function startDynamoDb({
  credentials,
  dataDir,
  port = 0,
  housekeepingMs,
  ...disk
}: DynamoDbOptions): Promise<DynamoDbEngine> {
  const { db, ...base } = createDynaliteStore(
    { ...(dataDir && { path: dataDir }), createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 },
    disk,
  );
  await db.open();
  const log = await prepare(db).catch(async (error: unknown) => {
    await db.close();
    throw error;
  });
  const store = withAtomicWrites({ db, ...base }, log);
  const run: Run = (operation, input) => runOperation(store, operation, input);
  const streams = createLogStreams(log);
  const housekeeping = startHousekeeping(db, run, { ...(housekeepingMs && { everyMs: housekeepingMs }) });
  const verifier = createVerifier({ credentials, service: "dynamodb" });
  const { endpoint, close } = await listen(createServer(createDynamoDbListener(run, verifier)), port);
  return {
    endpoint,
    streams,
    refusal: db.storage.refusal,
    rows: () => db.entries({}),
    close: async () => {
      await Promise.all([streams.stop(), housekeeping.stop()]);
      await close();
      await db.close();
    },
  };
}

/** What is written before anything else: a disk that is full ends the start. */
async function prepare(db: Level): Promise<StreamLog> {
  await finishCreations(db);
  return openStreamLog(db);
}
