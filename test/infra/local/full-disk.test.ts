import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Problem } from "../../../core/contract/problem.ts";
import { loginAt, registerAt } from "../../support/api-client.ts";
import { spawnEncore } from "../../support/encore-process.ts";
import { until } from "../../support/until.ts";

/** How long a file of a running process may become (prlimit(1)): every write beyond fails, as on a full disk. */
function limitFiles(pid: number, bytes: number | "unlimited"): void {
  const { status, stderr } = spawnSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]);
  if (status !== 0) throw new Error(String(stderr));
}

const canLimit = spawnSync("prlimit", ["--version"]).status === 0;

it.runIf(canLimit)(
  "a disk that takes nothing: 503 with a reason and when to come back, not ready, healed without a restart, nothing lost",
  async () => {
    const DATA_DIR = await mkdtemp(join(tmpdir(), "encore-full-disk-"));
    onTestFinished(() => rm(DATA_DIR, { recursive: true, force: true }));
    const encore = await spawnEncore({ DATA_DIR });
    onTestFinished(async () => void (await encore.end("SIGKILL")));
    const ready = () => fetch(`${encore.url}/readyz`);
    const { accessToken } = await registerAt(encore.url);
    expect((await ready()).status).toBe(200);

    limitFiles(encore.pid, 1024);
    const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
    const rename = () =>
      fetch(`${encore.url}/api/me`, {
        method: "PATCH",
        headers,
        body: JSON.stringify({ userName: "Later" }),
      });
    const refused = await rename();
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({
      kind: "unavailable",
      detail: expect.stringMatching(/try again/),
    });
    const notReady = await ready();
    expect(notReady.status).toBe(503);
    expect(((await notReady.json()) as Problem).detail).toMatch(/stored.*File too large.*ulimit -f/);
    // What can be read is read.
    expect((await fetch(`${encore.url}/api/me`, { headers })).status).toBe(200);

    limitFiles(encore.pid, "unlimited");
    await until("it is ready again", async () => (await ready()).status === 200, 60_000);
    expect((await rename()).status).toBe(200);
    const password = "battery-staple-after-that";
    const { email } = await registerAt(encore.url, password);
    await encore.end("SIGKILL");

    const restarted = await spawnEncore({ DATA_DIR });
    onTestFinished(async () => void (await restarted.end("SIGKILL")));
    await loginAt(restarted.url, email, password);
    const me = await (await fetch(`${restarted.url}/api/me`, { headers })).json();
    expect(me).toMatchObject({ userName: "Later" });
  },
  240_000,
);
