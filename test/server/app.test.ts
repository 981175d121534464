import { createHmac } from "node:crypto";
import { createSigner } from "fast-jwt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SongPage } from "../../core/contract/catalogue.ts";
import { createTokenSigner, generateTokenKeys, type TokenKeys } from "../../core/domain/accounts/tokens.ts";
import type { Encore } from "../../infra/local/start.ts";
import { type ApiClient, registerAt } from "../support/api-client.ts";
import { startTestEncore } from "../support/encore.ts";
import { rawRequest } from "../support/raw-http.ts";

let encore: Encore;
let listener: ApiClient;
let songId: string;

beforeAll(async () => {
  encore = await startTestEncore({ demoTracks: 1 });
  listener = await registerAt(encore.url);
  const { items } = await listener.get<SongPage>("/api/songs");
  songId = items[0]?.songId ?? "";
});
afterAll(() => encore.close());

const port = () => Number(new URL(encore.url).port);
const claims = () =>
  JSON.parse(Buffer.from(listener.accessToken.split(".")[1] ?? "", "base64url").toString());
const stream = (headers: Record<string, string>) =>
  fetch(`${encore.url}/stream/${songId}`, { headers: { range: "bytes=0-0", ...headers } });

async function expectProblem(answer: Response, status: number, kind: string): Promise<void> {
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const problem = (await answer.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({ type: `/problems/${kind}`, kind, status });
  expect(JSON.stringify(problem)).not.toMatch(/\.ts|node_modules|at .*:\d+/);
}

describe("The server knows who asks", () => {
  it("by bearer token", async () => {
    expect((await stream({ authorization: `Bearer ${listener.accessToken}` })).status).toBe(206);
  });

  it("by the session's cookie", async () => {
    expect((await stream({ cookie: `a=b; encore-access=${listener.accessToken}` })).status).toBe(206);
  });

  it("again, when the token is remembered", async () => {
    for (let time = 0; time < 2; time++)
      expect((await stream({ authorization: `Bearer ${listener.accessToken}` })).status).toBe(206);
  });

  it("and compresses neither audio nor covers", async () => {
    const { items } = await listener.get<SongPage>("/api/songs");
    const headers = { authorization: `Bearer ${listener.accessToken}`, "accept-encoding": "br, gzip" };
    for (const path of [`/stream/${songId}`, items[0]?.coverUrl ?? ""]) {
      const { status, headers: told } = await fetch(`${encore.url}${path}`, { headers });
      expect([path, status, told.get("content-encoding")]).toEqual([path, 200, null]);
    }
  });

  it("asks strangers to sign in", async () => {
    const answer = await stream({});
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
    await expectProblem(answer, 401, "not-signed-in");
  });
});

describe("The server takes no token but its own", () => {
  const ownKeys = () => JSON.parse(encore.env.TOKEN_PUBLIC_KEYS ?? "{}") as Record<string, string>;
  const signedBy = (keys: TokenKeys, clock = { now: () => new Date() }) => {
    const { sub, sid, email } = claims();
    return createTokenSigner(keys, clock).sign({ userId: sub, sessionId: sid, email });
  };
  const own = (): TokenKeys => ({
    privateKeyPem: encore.env.TOKEN_PRIVATE_KEY ?? "",
    keyId: encore.env.TOKEN_KEY_ID ?? "",
    publicKeys: ownKeys(),
  });
  const withHeader = (header: object) => {
    const [, payload = ""] = listener.accessToken.split(".");
    return `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${payload}`;
  };

  const tokens: Record<string, () => string> = {
    "no token at all": () => "x",
    "one with another signature": () => `${listener.accessToken.slice(0, -4)}AAAA`,
    "one without a signature": () => `${withHeader({ alg: "none", typ: "at+jwt" })}.`,
    "one signed with our public key as a password": () => {
      const [kid = "", pem = ""] = Object.entries(ownKeys())[0] ?? [];
      const unsigned = withHeader({ alg: "HS256", typ: "at+jwt", kid });
      return `${unsigned}.${createHmac("sha256", pem).update(unsigned).digest("base64url")}`;
    },
    "one by another key": () => signedBy(generateTokenKeys()),
    "one by another key under our key's id": () => signedBy({ ...generateTokenKeys(), keyId: own().keyId }),
    "one that names a property of objects as its key": () =>
      signedBy({ ...generateTokenKeys(), keyId: "constructor" }),
    "one that has expired": () => signedBy(own(), { now: () => new Date(Date.now() - 11 * 60_000) }),
    "one of another type": () => signWith(own(), { typ: "JWT" }, {}),
    "one for another audience": () => signWith(own(), {}, { aud: "another" }),
    "one by another issuer": () => signWith(own(), {}, { iss: "another" }),
  };

  function signWith(keys: TokenKeys, header: object, changed: object): string {
    const sign = createSigner({
      key: keys.privateKeyPem,
      algorithm: "ES256",
      header: { alg: "ES256", typ: "at+jwt", kid: keys.keyId, ...header },
    });
    return sign({ ...claims(), ...changed });
  }

  it("but does take what this test signs with the right key", async () => {
    expect((await stream({ authorization: `Bearer ${signWith(own(), {}, {})}` })).status).toBe(206);
  });

  it.each(Object.keys(tokens))("%s", async (name) => {
    const token = tokens[name]?.() ?? "";
    await expectProblem(await stream({ authorization: `Bearer ${token}` }), 401, "not-signed-in");
    await expectProblem(await stream({ cookie: `encore-access=${token}` }), 401, "not-signed-in");
  });
});

describe("The server answers what it cannot do with problem documents", () => {
  const signedIn = () => ({ authorization: `Bearer ${listener.accessToken}` });

  it.each([
    ["GET", "/nothing"],
    ["GET", "/stream"],
    ["GET", "/stream/unknown-song"],
    ["GET", "/covers/unknown-song"],
    ["GET", "/assets/nothing.js"],
    ["GET", "/assets/../../../../etc/passwd"],
    ["GET", "/assets/..%2f..%2fsecrets.json"],
    ["GET", "/docs/assets/../package.json"],
  ])("%s %s", async (method, path) => {
    const answer = await fetch(`${encore.url}${path}`, { method, headers: signedIn() });
    await expectProblem(answer, 404, "not-found");
  });

  it.each([
    ["/stream/x", "GET, HEAD"],
    ["/covers/x", "GET, HEAD"],
    ["/healthz", "GET, HEAD"],
    ["/docs", "GET, HEAD"],
    ["/albums/some-id", "GET, HEAD"],
    ["/assets/main.js", "GET, HEAD"],
    ["/api/plans", "GET"],
    ["/api/me", "DELETE, GET, PATCH"],
    ["/api/subscriptions/some-song", "DELETE, PATCH, PUT"],
    ["/api/openapi.json", "GET"],
  ])("%s by a method that it does not have, but %s", async (path, allow) => {
    const own = new Set(allow.split(", "));
    const others = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND"];
    for (const method of others.filter((one) => !own.has(one))) {
      const answer = await rawRequest(port(), method, path);
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow]);
      if (method !== "HEAD") expect(answer.body.toString()).toContain("/problems/method-not-allowed");
    }
    for (const method of ["TRACE", "QUERY"])
      expect((await rawRequest(port(), method, "/nothing/here")).status).toBe(404);
  });

  const oddIds = [
    "",
    "%20",
    "%00",
    "%0d%0a",
    "..%2f..%2fx",
    "index%23search",
    "%F0%9F%8E%B5",
    "x".repeat(65),
    "%2e%2e",
  ];
  it.each(["/stream/", "/covers/"])("%s with what is no song's id", async (path) => {
    for (const id of oddIds) {
      const { status, body } = await rawRequest(port(), "GET", `${path}${id}`, signedIn());
      expect([id, status]).toEqual([id, 404]);
      expect(body.toString()).toContain("/problems/not-found");
    }
  });

  it("an address that is none", async () => {
    await expectProblem(await fetch(`${encore.url}/stream/%zz`), 400, "invalid-request");
  });

  it("a song's id that is far too long", async () => {
    const answer = await fetch(`${encore.url}/stream/${"x".repeat(5_000)}`, { headers: signedIn() });
    expect([400, 404, 414]).toContain(answer.status);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
  });

  it("an upgrade without a session", async () => {
    const { status, body } = await rawRequest(port(), "GET", "/live", {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    });
    expect(status).toBe(401);
    expect(body.toString()).toContain("/problems/not-signed-in");
  });

  it.each([
    ["GET", "/nothing-here", 404],
    ["POST", "/live", 405],
    ["GET", "/healthz", 200],
  ])(
    "answers %s %s as ever where an upgrade is asked for, and lets go of the connection",
    async (method, path, status) => {
      const answer = await rawRequest(port(), method, path, {
        Connection: "Upgrade, close",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
      });
      expect(answer.status).toBe(status);
    },
  );
});

describe("The player", () => {
  it("is served at each of its views, and asks for what it names for ever", async () => {
    for (const view of ["/", "/albums", "/albums/some-id", "/subscriptions", "/account"]) {
      const page = await fetch(`${encore.url}${view}`);
      expect(page.status).toBe(200);
      expect(page.headers.get("cache-control")).toBe("no-cache");
    }
    const page = await (await fetch(encore.url)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1];
    const asset = await fetch(`${encore.url}${script}`);
    expect(asset.status).toBe(200);
    expect(asset.headers.get("cache-control")).toContain("immutable");
  });

  it("lets nothing run but its own files, and nobody frame it", async () => {
    const { headers } = await fetch(encore.url);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("is opened under one host name, to which its cookies belong", async () => {
    const { status, headers } = await rawRequest(port(), "GET", "/albums", {
      Host: `localhost:${port()}`,
      Accept: "text/html",
    });
    expect(status).toBe(302);
    expect(headers.location).toBe(`${encore.url}/albums`);
  });
});

describe("What balancers and people look at", () => {
  it("is alive and ready", async () => {
    expect(await (await fetch(`${encore.url}/healthz`)).json()).toEqual({ status: "ok" });
    expect(await (await fetch(`${encore.url}/readyz`)).json()).toEqual({ status: "ready" });
  });

  it("has a reference page of the API", async () => {
    expect(await (await fetch(`${encore.url}/docs`)).text()).toContain("swagger-ui");
    expect((await fetch(`${encore.url}/docs/assets/swagger-ui-bundle.js`)).status).toBe(200);
    const document = (await (await fetch(`${encore.url}/api/openapi.json`)).json()) as { openapi: string };
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  it("has metrics at the private port alone", async () => {
    expect(await (await fetch(`${encore.managementUrl}/metrics`)).text()).toContain(
      "encore_live_connections",
    );
    expect((await fetch(`${encore.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${encore.url}/@connections/x`)).status).toBe(404);
  });
});
