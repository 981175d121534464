import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Encore, startEncore } from "../../../infra/local/start.ts";
import { type ApiClient, loginAt, registerAt } from "../../support/api-client.ts";
import { type RawResponse, rawExchange } from "../../support/raw-http.ts";

/** One data folder, opened for its own machine first, and then for others. */
let folder: string;
let encore: Encore;
const demoPassword = "encore-demo-password";

const open = async (env: Record<string, string>) => {
  encore = await startEncore({
    demoTracks: 0,
    env: { PORT: "0", DATA_DIR: folder, LOG_LEVEL: "silent", ...env },
  });
};
const portOf = ({ env }: Encore) => Number(env.PORT);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-network-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Ask = {
  readonly version?: string;
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
};

/** A request with these headers and no others. */
function ask(
  headers: Record<string, string>,
  { version = "1.1", method = "GET", path = "/", body }: Ask = {},
) {
  const text = body === undefined ? "" : JSON.stringify(body);
  const all = {
    ...(text && { "Content-Type": "application/json", "Content-Length": String(text.length) }),
    ...headers,
  };
  const lines = Object.entries({ Connection: "close", ...all }).flatMap(([name, value]) =>
    value === "" ? [] : [`${name}: ${value}\r\n`],
  );
  return rawExchange(
    portOf(encore),
    Buffer.from(`${method} ${path} HTTP/${version}\r\n${lines.join("")}\r\n${text}`),
  );
}
const signIn = (headers: Record<string, string>, email = "ops@example.com") =>
  ask(headers, {
    method: "POST",
    path: "/api/auth/login",
    body: { email, password: demoPassword, session: "bearer" },
  });
const kindOf = ({ body }: RawResponse): string => JSON.parse(body.toString()).kind;

let ops: ApiClient;
let opsRefreshToken: string;

describe("An Encore with demo accounts", () => {
  let host: string;

  beforeAll(async () => {
    await open({});
    host = `127.0.0.1:${portOf(encore)}`;
    ops = await loginAt(encore.url, "ops@example.com", demoPassword);
    const answer = await signIn({ Host: host });
    opsRefreshToken = JSON.parse(answer.body.toString()).refreshToken;
  }, 60_000);
  afterAll(() => encore.close());

  it("answers this machine, by each of its names", async () => {
    const port = portOf(encore);
    for (const name of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.8.9.10"])
      expect((await signIn({ Host: `${name}:${port}` })).status, name).toBe(200);
    expect((await signIn({ Host: "localhost" })).status).toBe(200);
    expect((await signIn({ Host: host, Origin: `http://${host}` })).status).toBe(200);
  }, 60_000);

  const elsewhere = "encore.example";
  const forwarded: [string, string][] = [
    ...["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Server", "Forwarded"],
    ...["Via", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "CDN-Loop", "Client-IP"],
    ...["X-Original-Host", "X-Originating-IP", "X-Scheme", "X-Envoy-External-Address", "X-Amzn-Trace-Id"],
    ...["Tailscale-User-Login", "Fly-Client-IP", "X-Azure-ClientIP", "X-Cluster-Client-IP", "X-Remote-Addr"],
    ...["Front-End-Https", "WL-Proxy-Client-IP", "Proxy-Connection", "X-Host", "Fastly-Client-IP"],
  ].map((name) => [name, "127.0.0.1"]);
  const hosts = [
    ...[elsewhere, `${elsewhere}:443`, "localhost.", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "[::]"],
    ...[
      "[::ffff:127.0.0.1]",
      "127.0.0.1.nip.io",
      "localhost.example",
      "127.0.0.1@encore.example",
      "192.168.1.5",
    ],
  ].map((name): [string, string] => ["Host", name]);

  it.each([...forwarded, ...hosts, ["Origin", "https://encore.example"] as const])(
    "refuses what comes from elsewhere: %s: %s",
    async (name, value) => {
      const headers = { Host: host, [name]: value, Authorization: `Bearer ${ops.accessToken}` };
      const [login, session, page] = await Promise.all([
        signIn(headers),
        ask(headers, { path: "/api/ops/summary" }),
        ask({ ...headers, Accept: "text/html" }),
      ]);
      // Node.js itself has no mercy with some forms of Host.
      expect([403, 400]).toContain(login.status);
      expect([login.status, session.status, page.status]).toEqual([login.status, login.status, login.status]);
      if (login.status === 403) expect(String(page.body)).toContain("PUBLIC_URL");
    },
  );

  it("says so to a person's browser in a page, and to programs in a problem document", async () => {
    const foreign = { Host: "encore.example" };
    const page = await ask({ ...foreign, Accept: "text/html,application/xhtml+xml" });
    expect(page.status).toBe(403);
    expect(String(page.body)).toContain("<h1>This Encore answers its own machine alone</h1>");
    const document = await ask({ ...foreign, Accept: "application/json" });
    expect(JSON.parse(String(document.body))).toMatchObject({ kind: "origin-not-allowed" });
  });

  it("refuses nginx as it is without any setting, and a request without a Host", async () => {
    expect((await ask({ Host: host }, { version: "1.0" })).status).toBe(403);
    expect((await ask({}, { version: "1.0" })).status).toBe(403);
  });

  it("refuses both live endpoints", async () => {
    const upgrade = {
      Host: host,
      Connection: "Upgrade",
      Upgrade: "websocket",
      Authorization: `Bearer ${ops.accessToken}`,
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    for (const path of ["/live", "/gateway"])
      expect((await ask({ ...upgrade, "X-Forwarded-For": "203.0.113.5" }, { path })).status, path).toBe(403);
  });

  it("sends a page to the one name of its cookies, and only where it is what answers there", async () => {
    const page = (Host: string) => ask({ Host, Accept: "text/html" });
    const sent = await page(`localhost:${portOf(encore)}`);
    expect([sent.status, sent.headers.location]).toEqual([302, `${encore.url}/`]);
    expect((await page(host)).status).toBe(200);
    expect((await page("localhost:9999")).status).toBe(200);
  });
});

describe("The same folder behind a proxy at the default HOST", () => {
  beforeAll(
    () => open({ PUBLIC_URL: "https://encore.example", TRUSTED_PROXIES: "127.0.0.1,10.0.0.0/8" }),
    60_000,
  );
  afterAll(() => encore.close());
  const proxied = { Host: "encore.example", "X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https" };

  it.each(["listener", "curator", "ops"])("has no demo account any more: %s", async (name) => {
    expect(encore.demo).toBe(false);
    const email = `${name}@example.com`;
    for (const headers of [proxied, { Host: `127.0.0.1:${portOf(encore)}` }])
      expect(kindOf(await signIn(headers, email))).toBe("wrong-credentials");
  });

  it("has ended what they opened", async () => {
    const headers = { ...proxied, Authorization: `Bearer ${ops.accessToken}` };
    for (const path of ["/api/me", "/api/ops/summary", "/covers/1", "/stream/1"])
      expect((await ask(headers, { path })).status, path).toBeGreaterThanOrEqual(401);
    expect(kindOf(await ask(headers, { path: "/api/me" }))).toBe("session-ended");
    const body = { refreshToken: opsRefreshToken };
    const renewed = await ask(proxied, { method: "POST", path: "/api/auth/refresh", body });
    expect(renewed.status).toBe(401);
  });

  it("never sends a page in circles, whatever Host the proxy names", async () => {
    for (const Host of ["encore.example", `127.0.0.1:${portOf(encore)}`, "localhost", "backend"])
      expect((await ask({ Host, Accept: "text/html" })).status, Host).toBe(200);
  });

  it("counts tries by the address that a trusted proxy names, and by no other", async () => {
    const wrong = (address: string) =>
      signIn({ ...proxied, "X-Forwarded-For": address }, "nobody@example.com");
    const statuses: number[] = [];
    // A window of 10 tries may end meanwhile, and the next begin.
    while (statuses.at(-1) !== 429 && statuses.length <= 20)
      statuses.push((await wrong(`198.51.100.${statuses.length}, 203.0.113.77`)).status);
    expect(statuses.length).toBeGreaterThan(10);
    expect(statuses.at(-1)).toBe(429);
    expect((await wrong("203.0.113.77, 10.1.2.3")).status).toBe(429);
    expect((await wrong("203.0.113.78")).status).toBe(401);
  }, 60_000);

  it("marks its cookies for HTTPS, and has browsers stay there", async () => {
    const page = await ask({ ...proxied, Accept: "text/html" });
    expect(page.headers["strict-transport-security"]).toContain("max-age");
    expect(page.headers["content-security-policy"]).toContain("upgrade-insecure-requests");
  });
});

describe("The same folder on a network without TLS", () => {
  beforeAll(() => open({ HOST: "0.0.0.0", PUBLIC_URL: "http://encore.lan:8080" }), 60_000);
  afterAll(() => encore.close());
  const visitor = { Host: "encore.lan:8080", Origin: "http://encore.lan:8080" };

  it("has a page whose parts a browser may load, and cookies that it keeps", async () => {
    const page = await ask({ Host: "encore.lan:8080", Accept: "text/html" });
    expect(page.headers["content-security-policy"]).not.toContain("upgrade-insecure-requests");
    expect(page.headers["content-security-policy"]).toContain("ws://encore.lan:8080");
    expect(page.headers).not.toHaveProperty("strict-transport-security");
    const { email, password } = { email: "one@encore.lan", password: "a battery staple of its own" };
    const registered = await ask(visitor, {
      method: "POST",
      path: "/api/auth/register",
      body: { email, password, userName: "One" },
    });
    expect(registered.status).toBe(201);
    expect(registered.headers["set-cookie"]).toMatch(/^encore-access=/);
    expect(registered.headers["set-cookie"]).not.toContain("Secure");
  });

  it("says that passwords travel unprotected", () => {
    expect(encore.warnings).toEqual([
      expect.stringMatching(/^to http:\/\/encore\.lan:8080 passwords .*unprotected/),
    ]);
  });

  it("believes nobody's word on where a request comes from", async () => {
    const wrong = (address: string) =>
      signIn({ Host: "encore.lan:8080", "X-Forwarded-For": address }, "somebody@example.com");
    for (let tries = 0; tries < 10; tries++) expect((await wrong(`198.51.100.${tries}`)).status).toBe(401);
    expect((await wrong("198.51.100.99")).status).toBe(429);
  }, 60_000);

  it("takes no demo account from a folder that was opened for its own machine before", async () => {
    expect(kindOf(await signIn(visitor))).toBe("wrong-credentials");
    await registerAt(`http://127.0.0.1:${portOf(encore)}`);
  });
});
