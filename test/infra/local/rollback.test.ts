import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createDatabase } from "../../../core/aws/clients.ts";
import { createSubscriptionStore } from "../../../core/aws/subscription-store.ts";
import { emptyHead } from "../../../core/domain/subscriptions/open-head.ts";
import { createTables } from "../../../infra/local/dynamodb/create-tables.ts";
import { startDynamoDb } from "../../../infra/local/dynamodb/engine.ts";
import { watchRollback } from "../../../infra/local/rollback.ts";
import { testCredentials } from "../../support/engine-credentials.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-rollback-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

/** Opens the tables of a data folder, as a start does; `end` as a stop does, or as a kill. */
async function open(dataDir = "data") {
  const engine = await startDynamoDb({
    credentials: testCredentials,
    dataDir: join(folder, dataDir, "dynamodb"),
  });
  const config = {
    endpoint: engine.endpoint,
    region: "eu-central-1",
    credentials: testCredentials,
  };
  const client = new DynamoDBClient(config);
  await createTables(client, "");
  const database = createDatabase("", config);
  const watch = await watchRollback((name) => join(folder, dataDir, name), database);
  const heads = createSubscriptionStore(database);
  return {
    renewed: watch.renewed,
    heads,
    epoch: async () => (await heads.head("user"))?.epoch,
    async end(how: "stop" | "kill") {
      if (how === "stop") await watch.close();
      client.destroy();
      database.client.destroy();
      await engine.close();
    },
  };
}

const copy = (from: string, to: string) =>
  cp(join(folder, from), join(folder, to), { recursive: true, preserveTimestamps: true });
const remove = (name: string) => rm(join(folder, name), { recursive: true });

/** A data folder with a list, after a stop. */
async function create(): Promise<void> {
  const first = await open();
  expect(first.renewed).toBeUndefined();
  await first.heads.createHead(emptyHead("user", "epoch-1"));
  await first.end("stop");
}

describe("A start", () => {
  it("keeps every epoch where the tables are those that were there last, stopped or killed", async () => {
    await create();
    for (const how of ["kill", "kill", "stop"] as const) {
      const next = await open();
      expect([next.renewed, await next.epoch()]).toEqual([undefined, "epoch-1"]);
      await next.end(how);
    }
  });

  it.each([
    ["a copy of the whole folder was put back", "data", "data"],
    ["a copy of the tables was put back", "data/dynamodb", "data/dynamodb"],
  ])("renews every epoch, once, where %s", async (_, from, to) => {
    await create();
    await copy(from, "copy");
    await (await open()).end("stop");
    await remove(to);
    await copy("copy", to);
    const back = await open();
    expect(back.renewed).toBe(1);
    const epoch = await back.epoch();
    expect(epoch).toMatch(/^\w{26}$/);
    await back.end("kill");
    const next = await open();
    expect([next.renewed, await next.epoch()]).toEqual([undefined, epoch]);
    await next.end("stop");
  });

  it("renews every epoch where a copy was laid over the folder, file by file", async () => {
    await create();
    await copy("data", "copy");
    await (await open()).end("stop");
    await remove("data/dynamodb");
    // In place, as cp(1) and rsync(1) do: a file that is there keeps the time when it was made.
    for (const name of ["rollback.json", "rollback.mark"])
      await writeFile(join(folder, "data", name), await readFile(join(folder, "copy", name)));
    await copy("copy/dynamodb", "data/dynamodb");
    const back = await open();
    expect(back.renewed).toBe(1);
    await back.end("stop");
  });

  it("renews every epoch where the writes since the last start were lost", async () => {
    await create();
    const last = await open();
    await copy("data/dynamodb", "lost");
    await last.end("stop");
    await remove("data/dynamodb");
    await copy("lost", "data/dynamodb");
    const back = await open();
    expect(back.renewed).toBe(1);
    await back.end("stop");
  });
});
