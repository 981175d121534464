import { createServer } from "node:http";
import { listen } from "../listen.ts";
import { createStore, runOperation } from "./dynalite.ts";
import { createRequestListener } from "./http.ts";
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
  const store = createStore({
    ...(dataDir && { path: dataDir }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  await store.db.open();
  const streams: Streams = { subscribe: () => ({ stop: async () => {} }) };
  const server = createServer(
    createRequestListener((operation, input) => runOperation(store, operation, input)),
  );
  const { endpoint, close } = await listen(server, port);
  return {
    endpoint,
    streams,
    close: async () => {
      await close();
      await store.db.close();
    },
  };
}
