import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { SongPage } from "../../../core/contract/catalogue.ts";
import type { SubscriptionPage } from "../../../core/contract/subscriptions.ts";
import { isProcessAlive, startTime } from "../../../infra/local/data-dir.ts";
import { readRunning } from "../../../infra/local/running.ts";
import { startEncore } from "../../../infra/local/start.ts";
import { loginAt, registerAt } from "../../support/api-client.ts";
import { failToStart, spawnEncore } from "../../support/encore-process.ts";
import { until } from "../../support/until.ts";

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-main-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const demo = { email: "listener@example.com", password: "encore-demo-password" };

describe("npm start", () => {
  it("keeps what was acknowledged over kill -9 and over SIGTERM, which ends it cleanly", async () => {
    const env = { DATA_DIR: await createFolder(), DEMO_TRACKS: "1" };
    const first = await spawnEncore(env);
    const listener = await registerAt(first.url);
    const { items } = await listener.get<SongPage>("/api/songs");
    expect(items).toHaveLength(1);
    const songId = items[0]?.songId ?? "";
    const answer = await listener.request("PUT", `/api/subscriptions/${songId}`, { rating: 4 });
    expect(answer.status).toBe(200);
    expect(await first.end("SIGKILL")).toBeNull();

    const second = await spawnEncore(env);
    const { accessToken } = listener;
    const read = async (url: string) =>
      (await (
        await fetch(`${url}/api/subscriptions`, { headers: { authorization: `Bearer ${accessToken}` } })
      ).json()) as SubscriptionPage;
    const kept = { revision: 1, items: [expect.objectContaining({ songId, rating: 4 })] };
    expect(await read(second.url)).toMatchObject(kept);
    expect(await second.end("SIGTERM")).toBe(0);

    const third = await spawnEncore(env);
    expect(await read(third.url)).toMatchObject(kept);
    const range = await fetch(`${third.url}/stream/${songId}`, {
      headers: { authorization: `Bearer ${accessToken}`, range: "bytes=0-99" },
    });
    expect(range.status).toBe(206);
    expect((await range.arrayBuffer()).byteLength).toBe(100);
    expect(await third.end("SIGINT")).toBe(0);
  }, 60_000);

  it("has demo accounts, with the password that DEMO_PASSWORD names", async () => {
    const encore = await spawnEncore({ DATA_DIR: await createFolder(), DEMO_PASSWORD: "another-password" });
    onTestFinished(() => encore.end("SIGTERM").then(() => {}));
    await expect(loginAt(encore.url, demo.email, demo.password)).rejects.toThrow("wrong-credentials");
    const ops = await loginAt(encore.url, "ops@example.com", "another-password");
    expect((await ops.request("GET", "/api/ops/summary")).status).toBe(200);
  });

  it.skipIf(process.platform !== "linux")(
    "ends with the npm that started it, and with a terminal that closes",
    async () => {
      const folder = await createFolder();
      const env = {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        DATA_DIR: folder,
        PORT: "0",
        DEMO_TRACKS: "0",
      };
      const npm = spawn("npm", ["start"], { env, stdio: "ignore" });
      const gone = once(npm, "exit");
      onTestFinished(() => void npm.kill("SIGKILL"));
      await until("it runs", async () => (await readRunning(folder)) !== undefined, 60_000);
      const { pid = 0 } = (await readRunning(folder)) ?? {};
      npm.kill("SIGTERM");
      await gone;
      // It takes what it announced back as the last thing but one: it was not killed.
      await until(
        "it has gone",
        async () => !(await isProcessAlive({ pid, startedAt: await startTime(pid) })),
        30_000,
      );
      expect(await readdir(folder)).not.toContain("running.json");

      const second = await spawnEncore({ DATA_DIR: folder });
      expect(await second.end("SIGHUP")).toBe(0);
    },
    120_000,
  );

  it("has none where others than this machine can come", async () => {
    const env = { DATA_DIR: await createFolder(), HOST: "0.0.0.0", PUBLIC_URL: "http://encore.example" };
    const encore = await startEncore({ env: { ...env, PORT: "0" } });
    onTestFinished(encore.close);
    expect(encore.demo).toBe(false);
    const url = `http://127.0.0.1:${encore.env.PORT}`;
    await expect(loginAt(url, demo.email, demo.password)).rejects.toThrow("wrong-credentials");
  });
});

describe("npm start says in one line why it cannot", () => {
  it("a port that is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await failToStart({ DATA_DIR: await createFolder(), PORT: String(port) });
    expect(stderr).toBe(
      `Encore cannot start: port ${port} is in use; stop what uses it, or set PORT to another one\n`,
    );
    expect(code).toBe(1);
  });

  it("a management port that is in use, by its own name", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const env = { DATA_DIR: await createFolder(), MANAGEMENT_PORT: String(port) };
    const { code, stderr } = await failToStart(env);
    expect(stderr).toBe(
      `Encore cannot start: port ${port} is in use; stop what uses it, or set MANAGEMENT_PORT to another one\n`,
    );
    expect(code).toBe(1);
  }, 60_000);

  it("a data folder that cannot be written", async () => {
    const file = join(await createFolder(), "file");
    await writeFile(file, "");
    const { code, stderr } = await failToStart({ DATA_DIR: join(file, "data") });
    expect(stderr).toMatch(/^Encore cannot start: The data folder .* cannot be written .*set DATA_DIR.*\n$/);
    expect(code).toBe(1);
  });

  it("a data folder that another Encore uses", async () => {
    const env = { DATA_DIR: await createFolder() };
    const encore = await spawnEncore(env);
    onTestFinished(() => encore.end("SIGTERM").then(() => {}));
    const { code, stderr } = await failToStart(env);
    expect(stderr).toMatch(/^Encore cannot start: Another Encore \(process \d+\) uses this data folder.*\n$/);
    expect(code).toBe(1);
  });

  it.each([
    [{ PORT: "80800" }, /^Encore cannot start: PORT must be a whole number from 0 to 65535, not 80800\n$/],
    [{ HOST: "0.0.0.0" }, /^Encore cannot start: With HOST=0\.0\.0\.0, set PUBLIC_URL .*\n$/],
    [{ DEMO_TRACKS: "many" }, /^Encore cannot start: DEMO_TRACKS must be a whole number, not many\n$/],
    [{ THROTTLE_SCALE: "-1" }, /^Encore cannot start: THROTTLE_SCALE must be a number above 0\n$/],
  ])("a variable that cannot be used: %o", async (env, line) => {
    const { code, stderr } = await failToStart({ DATA_DIR: await createFolder(), ...env } as Record<
      string,
      string
    >);
    expect(stderr).toMatch(line);
    expect(code).toBe(1);
  });
});
