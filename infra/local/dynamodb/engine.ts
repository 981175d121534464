import { createServer } from "node:http";
import { listen } from "../listen.ts";
import { withAtomicWrites } from "./atomic-writes.ts";
import { createStore, runOperation } from "./dynalite.ts";
import { createRequestListener } from "./http.ts";
import { createLogStreams } from "./log-streams.ts";
import { openStreamLog } from "./stream-log.ts";
import type { Streams } from "./streams.ts";

export type DynamoDbOptions = {
  /** Where LevelDB keeps the data; in memory when absent. */
  readonly dataDir?: string;
  /** Default: any free one. */
  readonly port?: number;
};

export type DynamoDbEngine = {
  readonly endpoint: string;
  readonly streams: Streams;
  close(): Promise<void>;
};

/** DynamoDB in this process, on 127.0.0.1. */
export async function startDynamoDb({ dataDir, port = 0 }: DynamoDbOptions = {}): Promise<DynamoDbEngine> {
  const { db, ...base } = createStore({
    ...(dataDir && { path: dataDir }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  await db.open();
  const log = await openStreamLog(db);
  const store = withAtomicWrites({ db, ...base }, log);
  const streams = createLogStreams(log);
  const server = createServer(
    createRequestListener((operation, input) => runOperation(store, operation, input)),
  );
  const { endpoint, close } = await listen(server, port);
  return {
    endpoint,
    streams,
    close: async () => {
      await streams.stop();
      await close();
      await db.close();
    },
  };
}
