import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Encore, startEncore } from "../../../../infra/local/start.ts";
import { databaseFor } from "../../../../lambdas/deps/stores.ts";
import { type ApiClient, registerAt } from "../../../support/api-client.ts";

let folder: string;
let encore: Encore | undefined;
let owner: ApiClient;

const start = () =>
  startEncore({
    demoTracks: 0,
    env: { PORT: "0", DATA_DIR: folder, LOG_LEVEL: "silent", PUBLIC_URL: "http://encore.lan" },
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-grant-"));
  encore = await start();
  owner = await registerAt(`http://127.0.0.1:${encore.env.PORT}`);
}, 60_000);
afterAll(async () => {
  await encore?.close();
  await rm(folder, { recursive: true, force: true });
});

type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

async function grant(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, ["infra/local/grant/main.ts", ...args], {
    env: { PATH: process.env.PATH, DATA_DIR: folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [stdout, stderr] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  return { code: await exit, stdout: stdout.join(""), stderr: stderr.join("") };
}

const summary = () => owner.request("GET", "/api/ops/summary");

test("a session that is open has the role at once, and the audit says so", async () => {
  expect((await summary()).status).toBe(403);
  const { code, stdout } = await grant([` ${owner.email.toUpperCase()} `, "ops"]);
  expect([code, stdout]).toEqual([0, `${owner.email} has the role ops\n`]);
  expect((await summary()).status).toBe(200);

  const { client, table } = databaseFor(encore?.env ?? {});
  const day = new Date().toISOString().slice(0, 10);
  const query = new QueryCommand({
    TableName: table("audit"),
    KeyConditionExpression: "#day = :day",
    ExpressionAttributeNames: { "#day": "day" },
    ExpressionAttributeValues: { ":day": day },
  });
  expect((await client.send(query)).Items).toEqual([
    expect.objectContaining({ action: "role-granted", role: "ops", userId: expect.any(String) }),
  ]);
}, 60_000);

test("it says what is wrong, in words", async () => {
  const [unknown, role, few, demo] = await Promise.all([
    grant(["nobody@encore.lan", "ops"]),
    grant([owner.email, "king"]),
    grant([owner.email]),
    grant(["ops@example.com", "ops"]),
  ]);
  expect(unknown).toMatchObject({
    code: 1,
    stderr: "No role was granted: No account has the address nobody@encore.lan\n",
  });
  expect(role).toMatchObject({ code: 2, stderr: "A role is listener, curator, ops, not king\n" });
  expect(few).toMatchObject({ code: 2, stderr: expect.stringContaining("npm run grant -- EMAIL ROLE") });
  expect(demo).toMatchObject({ code: 2, stderr: expect.stringContaining("demo account") });
}, 60_000);

test("it says so where it reaches no tables", async () => {
  const [none, unreachable] = await Promise.all([
    grant([owner.email, "ops"], { DATA_DIR: join(folder, "none") }),
    grant([owner.email, "ops"], { AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9", AWS_REGION: "local" }),
  ]);
  expect(none).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^No role .*There is no data of Encore in/),
  });
  expect(unreachable).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^No role was granted: AWS_ENDPOINT_URL_DYNAMODB, .*127\.0\.0\.1:9.*\n$/),
  });
}, 60_000);

test("it works while Encore does not run", async () => {
  await encore?.close();
  encore = undefined;
  expect(await grant([owner.email, "curator"])).toMatchObject({ code: 0 });
  encore = await start();
  const me = await fetch(`http://127.0.0.1:${encore.env.PORT}/api/me`, {
    headers: { authorization: `Bearer ${owner.accessToken}` },
  });
  expect(await me.json()).toMatchObject({ role: "curator" });
}, 60_000);
