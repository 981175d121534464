import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createAccountStore } from "../../core/aws/account-store.ts";
import { createAuditLog } from "../../core/aws/audit-store.ts";
import { grantRole } from "../../core/domain/accounts/grant-role.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import { signIn } from "../../infra/local/import/api.ts";
import { uploadFile } from "../../infra/local/import/upload-file.ts";
import { startEncore } from "../../infra/local/start.ts";
import { databaseFor } from "../../lambdas/deps/stores.ts";
import { loginAt, registerAt } from "../support/api-client.ts";
import { openDevice } from "../support/live-device.ts";
import { sampleAudio } from "../support/sample-audio.ts";
import { startNginx } from "./nginx.ts";
import { revokeWhileHearing } from "./revocation.ts";

/**
 * `npm run test:proxy`: Encore behind nginx with the recipe of docs/self-hosting.md, over TLS. It needs nginx and openssl
 * on the path, and a network address that is not loopback.
 */
for (const [program, flag] of [
  ["nginx", "-v"],
  ["openssl", "version"],
] as const)
  if (spawnSync(program, [flag]).status !== 0) {
    console.error(`npm run test:proxy needs ${program}: apt-get install nginx openssl`);
    process.exit(2);
  }
const address = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;
if (address === undefined) {
  console.error("npm run test:proxy needs a network address that is not loopback");
  process.exit(2);
}

const folder = await mkdtemp(join(tmpdir(), "encore-proxy-"));
const [port, bufferingPort, upstream] = await Promise.all([freePort(), freePort(), freePort()]);
const url = `https://${address}:${port}`;
const password = "a battery staple for the proxy";
const encore = await startEncore({
  demoTracks: 0,
  env: {
    DATA_DIR: join(folder, "data"),
    PORT: String(upstream),
    PUBLIC_URL: url,
    TRUSTED_PROXIES: "127.0.0.1",
    LOG_LEVEL: "warn",
  },
});
const nginx = await startNginx({ folder: join(folder, "nginx"), address, port, bufferingPort, upstream });
setDefaultCACertificates([...getCACertificates(), nginx.certificate]);
try {
  await tryAll();
} finally {
  await nginx.stop();
  await encore.close();
  await rm(folder, { recursive: true, force: true });
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const result = await work();
  console.log(`ok  ${name}${typeof result === "string" ? `: ${result}` : ""}`);
  return result;
}

async function tryAll(): Promise<void> {
  await step("the page and its parts", async () => {
    const page = await fetch(url, { headers: { accept: "text/html" }, redirect: "error" });
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-security-policy") ?? "", /upgrade-insecure-requests/);
    const asset = /"(\/assets\/main-[^"]+\.js)"/.exec(await page.text())?.[1] ?? "";
    assert.equal((await fetch(`${url}${asset}`)).status, 200);
  });
  await step("no demo account", () =>
    assert.rejects(loginAt(url, "ops@example.com", "encore-demo-password")),
  );
  const owner = await step("an account, and a session by cookie", async () => {
    const client = await registerAt(url, password);
    const answer = await fetch(`${url}/api/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url },
      body: JSON.stringify({ email: client.email, password }),
    });
    const cookies = answer.headers.getSetCookie();
    assert.ok(cookies.length >= 2, "it has cookies");
    for (const cookie of cookies) assert.match(cookie, /^__Host-encore-\w+=.*; Secure/);
    const cookie = cookies.map((text) => text.split(";")[0]).join("; ");
    assert.equal((await fetch(`${url}/api/me`, { headers: { cookie } })).status, 200);
    return client;
  });
  const { email } = owner;
  await step("tries are counted by the client's address, whatever it claims", async () => {
    const statuses = [];
    for (let tries = 0; tries < 12; tries++) {
      const headers = { "content-type": "application/json", "x-forwarded-for": `198.51.100.${tries}` };
      const body = JSON.stringify({ email: "nobody@encore.example", password: "wrong password" });
      statuses.push((await fetch(`${url}/api/auth/login`, { method: "POST", headers, body })).status);
    }
    assert.equal(statuses[0], 401);
    assert.equal(statuses.at(-1), 429);
  });
  await step("both live endpoints over wss", async () => {
    for (const path of ["/live", "/gateway"]) {
      const device = await openDevice(`${url.replace("https", "wss")}${path}`, owner.accessToken);
      await device.hello();
      device.ws.close();
      await device.closed;
    }
  });
  const songId = await step("an upload", async () => {
    const database = databaseFor(encore.env);
    const deps = { accounts: createAccountStore(database), audit: createAuditLog(database, systemClock) };
    await grantRole(deps, { email, role: "curator" });
    await owner.request("PUT", "/api/me/plan", { plan: "hifi" });
    const path = join(folder, "long.wav");
    await writeFile(path, await sampleAudio({ format: "wav", seconds: 360 }));
    const outcome = await uploadFile(await signIn(url, email, password), { path, contentType: "audio/wav" });
    assert.equal(outcome.status, "added");
    return outcome.status === "added" ? outcome.song.songId : "";
  });
  await step("a range, unbuffered", async () => {
    const range = await owner.request("GET", `/stream/${songId}`, undefined, { range: "bytes=100-199" });
    assert.equal(range.status, 206);
    assert.equal((await range.arrayBuffer()).byteLength, 100);
    const direct = await fetch(`http://127.0.0.1:${upstream}/stream/${songId}`, {
      headers: { authorization: `Bearer ${owner.accessToken}`, range: "bytes=0-0" },
    });
    assert.equal(direct.headers.get("x-accel-buffering"), "no");
  });
  for (const [name, at] of [
    ["a revoked stream ends, with the recipe", port],
    ["a revoked stream ends, with nginx's own buffering on", bufferingPort],
  ] as const)
    await step(name, async () => {
      const there = `https://${address}:${at}`;
      const client = await loginAt(there, email, password);
      const { got, whole, endedAfterMs } = await revokeWhileHearing(there, songId, {
        client,
        email,
        password,
      });
      const told = `${endedAfterMs} ms after the request, ${(got / 2 ** 20).toFixed(1)} of ${(whole / 2 ** 20).toFixed(1)} MiB`;
      assert.ok(got < whole, `it went on to its end: ${told}`);
      assert.ok(endedAfterMs < 2_000, `it ended late: ${told}`);
      return told;
    });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
