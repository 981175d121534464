import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { openTables } from "../../../../infra/local/dynamodb/open-tables.ts";
import { startEngine, startTestEngine, table } from "./harness.ts";

const dayAndHourMs = 25 * 60 * 60 * 1000;

test("an engine that was off for a day delivers what its consumers had not read", async () => {
  const folder = await mkdtemp(join(tmpdir(), "encore-housekeeping-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const first = await startEngine(folder);
  await first.client.send(new PutCommand({ TableName: table, Item: { pk: "unread", sk: "1", owner: "me" } }));
  await first.close();
  const tables = await openTables(folder);
  for await (const [key, value] of tables.entries({ gt: "stream~", lt: "stream~\x7f" })) {
    const aged = key.replace(/\d{13}(\d{6})$/, `${Date.now() - dayAndHourMs}$1`);
    await tables.batch([
      { type: "del", key },
      { type: "put", key: aged, value },
    ]);
  }
  await tables.close();

  const { streams } = await startTestEngine(folder);
  const delivered = new Promise<unknown>((resolve) => {
    streams.subscribe(table, async ({ Records }) => resolve(Records[0]?.dynamodb?.Keys?.pk));
  });
  expect(await delivered).toEqual({ S: "unread" });
});
