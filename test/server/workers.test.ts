import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { buildClient } from "../../client/build.ts";
import { createEndpointStore } from "../../core/aws/endpoint-store.ts";
import { generateTokenKeys } from "../../core/domain/accounts/tokens.ts";
import { readWorkers, workerEnvironment } from "../../server/workers.ts";
import { startTestAws } from "../support/engines.ts";
import { databaseOf } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";

/** `server/main.ts` with two workers, beside engines of its own. */
async function startWorkers() {
  const folder = await mkdtemp(join(tmpdir(), "encore-workers-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await buildClient({ outDir: folder });
  const aws = await startTestAws();
  onTestFinished(() => aws.close());
  const child = spawn(process.execPath, ["server/main.ts"], {
    env: {
      PATH: process.env.PATH,
      WORKERS: "2",
      PORT: "0",
      LOG_LEVEL: "info",
      AWS_ENDPOINT_URL_DYNAMODB: aws.dynamodbEndpoint,
      AWS_ENDPOINT_URL_S3: aws.s3Endpoint,
      AWS_REGION: aws.region,
      TABLE_PREFIX: aws.tablePrefix,
      MUSIC_BUCKET: aws.bucket,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
      CLIENT_FOLDER: folder,
      ALLOWED_ORIGINS: "http://127.0.0.1",
      MANAGEMENT_SECRET: "a-secret-of-the-test-alone",
      TOKEN_PUBLIC_KEYS: JSON.stringify(generateTokenKeys().publicKeys),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const pids = new Set<number>();
  let url: string | undefined;
  createInterface(child.stdout).on("line", (line) => {
    const { pid, msg = "" } = JSON.parse(line) as { pid?: number; msg?: string };
    if (pid) pids.add(pid);
    url ??= /Server listening at (\S+)/.exec(msg)?.[1];
  });
  const endpoints = createEndpointStore(databaseOf(aws));
  const addresses = async () => new Set((await endpoints.list()).map(({ address }) => address));
  await until("both are registered", async () => (await addresses()).size === 2, 30_000);
  await until("they listen", () => url !== undefined && pids.size === 2, 30_000);
  return { child, pids, addresses, healthy: async () => (await fetch(`${url}/healthz`)).status };
}

it("Workers share the public port, are endpoints of their own, are replaced, and drain together", async () => {
  const { child, pids, addresses, healthy } = await startWorkers();
  expect(await healthy()).toBe(200);
  const before = await addresses();
  const [victim] = pids;
  process.kill(victim ?? 0, "SIGKILL");
  await until("another takes its place", async () => (await addresses()).size === 3, 30_000);
  expect([...(await addresses())].filter((address) => before.has(address))).toHaveLength(2);
  await until("it serves", async () => (await healthy()) === 200 && pids.size === 3, 30_000);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  // What is left is the one that was killed, until others sweep it.
  expect((await addresses()).size).toBe(1);
}, 120_000);

it("A worker has its own management port and folder, and its share of the cache", () => {
  const env = {
    MANAGEMENT_PORT: "9090",
    MANAGEMENT_ADDRESS: "http://10.0.0.7:9090",
    AUDIO_CACHE_MIB: "1000",
    AUDIO_CACHE_DIR: "/var/cache/encore",
  };
  expect(workerEnvironment(env, 1, 4)).toEqual({
    MANAGEMENT_PORT: "9091",
    MANAGEMENT_ADDRESS: "http://10.0.0.7:9091",
    AUDIO_CACHE_MIB: "250",
    AUDIO_CACHE_DIR: "/var/cache/encore/1",
  });
  expect(workerEnvironment({ MANAGEMENT_PORT: "0" }, 1, 2)).toEqual({ AUDIO_CACHE_MIB: "128" });
});

it.each(["0", "1.5", "many", "65"])("WORKERS=%s is refused in words", (text) => {
  expect(() => readWorkers({ WORKERS: text })).toThrow(
    `WORKERS must be a whole number from 1 to 64, not ${text}`,
  );
});
