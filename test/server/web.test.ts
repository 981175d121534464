import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { viewPaths } from "../../core/domain/views.ts";
import type { Encore } from "../../infra/local/start.ts";
import { startTestEncore } from "../support/encore.ts";
import { rawRequest } from "../support/raw-http.ts";

let encore: Encore;
let script: string;
beforeAll(async () => {
  encore = await startTestEncore();
  script = /src="(\/assets\/[^"]+\.js)"/.exec(await (await fetch(encore.url)).text())?.[1] ?? "";
});
afterAll(() => encore.close());

/** As a browser asks for a page, unless other headers are given. */
const get = (
  path: string,
  headers: Record<string, string> = { Accept: "text/html,*/*;q=0.8" },
  method = "GET",
) =>
  rawRequest(Number(new URL(encore.url).port), method, path, { Host: new URL(encore.url).host, ...headers });

describe("An address", () => {
  it("of a view is the player's page", async () => {
    for (const path of viewPaths) {
      const { status, headers, body } = await get(path.replace(":id", "aBc"));
      expect([path, status, headers["cache-control"]]).toEqual([path, 200, "no-cache"]);
      expect(body.toString()).toContain(script);
    }
  });

  it.each([
    ["/Albums", "/albums"],
    ["/albums/", "/albums"],
    ["//albums", "/albums"],
    ["/ALBUMS//aBc/?x=%2F", "/albums/aBc?x=%2F"],
    ["/album/aBc", "/albums/aBc"],
    ["/search?q=a+b", "/?q=a+b"],
    ["/login", "/sign-in"],
    ["/docs/", "/docs"],
  ])("that is mistyped, %s, leads to %s", async (path, location) => {
    for (const method of ["GET", "HEAD"]) {
      const { status, headers } = await get(path, {}, method);
      expect([status, headers.location]).toEqual([308, location]);
    }
  });

  it.each(["/nothing", "/nothing/at/all", "/albums/a/b", "//evil.example", "/artists", "/stream/a/b"])(
    "of nothing, %s, is the player's page for a browser, and a problem document for others",
    async (path) => {
      const page = await get(path);
      expect([page.status, page.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
      expect(page.headers.vary).toBe("Accept, Accept-Encoding");
      expect(page.headers["content-security-policy"]).toContain("default-src 'self'");
      expect(page.body.toString()).toContain(script);
      const other = await get(path, { Accept: "*/*" });
      expect([other.status, other.headers["content-type"]]).toEqual([
        404,
        "application/problem+json; charset=utf-8",
      ]);
    },
  );
});

const expand = { br: brotliDecompressSync, gzip: gunzipSync, identity: (body: Buffer) => body };

describe.each([
  ["the page", () => "/"],
  ["the script", () => script],
  ["the OpenAPI document", () => "/api/openapi.json"],
  ["the reference's page", () => "/docs"],
  ["the reference's script", () => "/docs/assets/swagger-ui-bundle.js"],
])("Text like %s", (_, pathOf) => {
  it.each([
    ["gzip, deflate, br, zstd", "br"],
    ["gzip", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["br, identity;q=0", "br"],
    ["identity", "identity"],
    ["identity;q=0", "identity"],
  ] as const)("for an asker that takes %s is sent in %s", async (accepted, coding) => {
    const plain = await get(pathOf(), {});
    const { status, headers, body, whole } = await get(pathOf(), { "Accept-Encoding": accepted });
    expect([status, headers["content-encoding"] ?? "identity", whole]).toEqual([200, coding, true]);
    expect(headers.vary).toMatch(/\bAccept-Encoding\b/i);
    expect(headers["content-type"]).toBe(plain.headers["content-type"]);
    expect(expand[coding](body).equals(plain.body)).toBe(true);
    const head = await get(pathOf(), { "Accept-Encoding": accepted }, "HEAD");
    if (head.status === 200) expect(head.headers["content-length"]).toBe(headers["content-length"]);
  });
});

describe.each([
  ["page", () => "/"],
  ["script", () => script],
])("A browser that has the %s", (_, pathOf) => {
  it("in one coding is told that it is the same, in that coding alone", async () => {
    const [br, gzip] = [{ "Accept-Encoding": "br" }, { "Accept-Encoding": "gzip" }];
    const etag = (await get(pathOf(), br)).headers.etag ?? "";
    const again = await get(pathOf(), { ...br, "If-None-Match": etag });
    expect([again.status, again.headers.etag, again.body.length]).toEqual([304, etag, 0]);
    expect(again.headers.vary).toMatch(/\bAccept-Encoding\b/i);
    expect((await get(pathOf(), { ...gzip, "If-None-Match": etag })).status).toBe(200);
  });
});

it("A part of the script is a part of what its coding makes of it", async () => {
  const whole = await get(script, { "Accept-Encoding": "br" });
  const part = await get(script, { "Accept-Encoding": "br", Range: "bytes=100-199" });
  expect([part.status, part.headers["content-encoding"]]).toEqual([206, "br"]);
  expect(part.headers["content-range"]).toBe(`bytes 100-199/${whole.body.length}`);
  expect(part.body.equals(whole.body.subarray(100, 200))).toBe(true);
  const file = await readFile(join(encore.env.CLIENT_FOLDER ?? "", `${script}.br`));
  expect(whole.body.equals(file)).toBe(true);
});

it("Nobody's secret is compressed: what is answered to POST is sent as it is", async () => {
  const answer = await fetch(`${encore.url}/api/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json", "accept-encoding": "br, gzip" },
    body: JSON.stringify({
      email: "compressed@example.com",
      password: "correct horse battery 9",
      userName: "a".repeat(60),
      session: "bearer",
    }),
  });
  expect([answer.status, answer.headers.get("content-encoding")]).toEqual([201, null]);
});
