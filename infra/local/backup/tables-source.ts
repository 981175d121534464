import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { openTables } from "../dynamodb/open-tables.ts";
import type { RunningEncore } from "../running.ts";
import { BackupError } from "./format.ts";
import { decodeRows, linesOf, type Row } from "./tables-stream.ts";

/** A snapshot of the tables, each time it is asked for one. */
export type TablesSource = () => AsyncIterable<Row>;

/** From the process that has the tables open: no other can. @throws BackupError */
export const runningTables = ({ controlUrl, env }: RunningEncore): TablesSource =>
  async function* () {
    const request = get(`${controlUrl}/tables`, {
      headers: { "x-encore-secret": env.MANAGEMENT_SECRET ?? "" },
    });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    if (response.statusCode !== 200) {
      const text = (await response.setEncoding("utf8").toArray()).join("");
      throw new BackupError(`The running Encore does not give its tables: ${text}`);
    }
    yield* decodeRows(linesOf(response));
  };

/** From a folder that nobody uses. @throws TablesError */
export const stoppedTables = (dynamodb: string): TablesSource =>
  async function* () {
    const tables = await openTables(dynamodb);
    try {
      yield* tables.entries({});
    } finally {
      await tables.close();
    }
  };
