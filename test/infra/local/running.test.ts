import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { createDatabase } from "../../../core/aws/clients.ts";
import { dynamoDbConfig, readAwsConfig } from "../../../core/aws/config.ts";
import { announceRunning, readRunning } from "../../../infra/local/running.ts";
import { spawnEncore } from "../../support/encore-process.ts";

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-running-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("tells tools how to reach what runs, for as long as it runs, and its owner alone", async () => {
  const folder = await createFolder();
  expect(await readRunning(folder)).toBeUndefined();
  const encore = await spawnEncore({ DATA_DIR: folder, DEMO_TRACKS: "0" });
  const running = await readRunning(folder);
  if (!running) throw new Error("Nothing is said to run");
  expect(running.url).toBe(encore.url);
  expect((await fetch(`${running.managementUrl}/metrics`)).status).toBe(200);
  const { client, table } = createDatabase(
    readAwsConfig(running.env).tablePrefix,
    dynamoDbConfig(running.env),
  );
  const { TableNames } = await client.send(new ListTablesCommand({}));
  expect(TableNames).toContain(table("login"));
  client.destroy();
  expect((await stat(join(folder, "running.json"))).mode & 0o777).toBe(0o600);

  // A process that was killed leaves its file.
  await encore.end("SIGKILL");
  const left = await readFile(join(folder, "running.json"), "utf8");
  expect(await readRunning(folder)).toBeUndefined();

  const again = await spawnEncore({ DATA_DIR: folder, DEMO_TRACKS: "0" });
  expect((await readRunning(folder))?.url).toBe(again.url);
  expect(await readFile(join(folder, "running.json"), "utf8")).not.toBe(left);
  await again.end("SIGTERM");
  await expect(stat(join(folder, "running.json"))).rejects.toThrow("ENOENT");
}, 60_000);

test("does not write down the keys that Encore was started with", async () => {
  const folder = await createFolder();
  const given = { AWS_ACCESS_KEY_ID: "own-id", AWS_SECRET_ACCESS_KEY: "own-secret" };
  const place = { url: "http://127.0.0.1:1", managementUrl: "http://127.0.0.1:2", embedded: true };
  const file = (name: string) => join(folder, name);
  const undo = await announceRunning(file, {
    ...place,
    given,
    env: { ...given, AWS_REGION: "eu-central-1" },
  });
  expect((await readRunning(folder))?.env).toEqual({ AWS_REGION: "eu-central-1" });
  await undo();
  await announceRunning(file, { ...place, given: {}, env: given });
  expect((await readRunning(folder))?.env).toEqual(given);
});

test("takes a file that was cut short for none", async () => {
  const folder = await createFolder();
  await writeFile(join(folder, "running.json"), '{"pid": 1');
  expect(await readRunning(folder)).toBeUndefined();
});
