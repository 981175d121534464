import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createAccountStore } from "../../../core/aws/account-store.ts";
import { createAuditLog } from "../../../core/aws/audit-store.ts";
import type { UploadStarted } from "../../../core/contract/uploads.ts";
import { grantRole } from "../../../core/domain/accounts/grant-role.ts";
import { systemClock } from "../../../core/domain/shared/system-clock.ts";
import { uploadFile } from "../../../infra/local/import/upload-file.ts";
import type { Encore } from "../../../infra/local/start.ts";
import { databaseFor } from "../../../lambdas/deps/stores.ts";
import { type ApiClient, registerAt } from "../../support/api-client.ts";
import { startTestEncore } from "../../support/encore.ts";
import { announce } from "../../support/uploads.ts";

/** Behind a proxy, as browsers and programs of other machines reach it. */
const publicUrl = "http://encore.test";

let encore: Encore;
/** Where the proxy finds Encore. */
let upstream: string;
let curator: ApiClient;

beforeAll(async () => {
  encore = await startTestEncore({ env: { PUBLIC_URL: publicUrl } });
  upstream = `http://127.0.0.1:${encore.env.PORT}`;
  curator = await registerAt(upstream);
  const database = databaseFor(encore.env);
  const deps = { accounts: createAccountStore(database), audit: createAuditLog(database, systemClock) };
  await grantRole(deps, { email: curator.email, role: "curator" });
});
afterAll(() => encore.close());

const bytes = Buffer.alloc(100_000, "part");

/** The URL of the only part of a new upload, as the proxy passes it on. */
async function startUpload(about: string): Promise<{ url: string; body: Buffer }> {
  const body = Buffer.concat([Buffer.from(about), bytes]);
  const answer = await curator.request("POST", "/api/uploads", announce(body));
  const started = (await answer.json()) as UploadStarted;
  if (started.status !== "open") throw new Error("it is there already");
  const url = started.upload.parts[0]?.url ?? "";
  expect(new URL(url).origin).toBe(publicUrl);
  return { url: url.replace(publicUrl, upstream), body };
}

/** A request with its own headers, whatever they are. @returns the status, and the code of a refusal */
function send(method: string, url: string, body: Buffer, headers: Record<string, string | number> = {}) {
  return new Promise<[number, string]>((resolve, reject) => {
    const outgoing = request(
      url,
      { method, headers: { "content-length": body.length, ...headers } },
      async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        resolve([response.statusCode ?? 0, /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? ""]);
      },
    );
    outgoing.on("error", reject).end(body);
  });
}

test("parts go through the public origin, whatever a proxy makes of the Host", async () => {
  const { url, body } = await startUpload("through the origin");
  expect(await send("PUT", url, body, { host: "upstream.internal" })).toEqual([200, ""]);
  expect(await send("PUT", url, body, { origin: publicUrl })).toEqual([200, ""]);
});

test("a part of another length than was announced is refused", async () => {
  const { url, body } = await startUpload("of another length");
  for (const other of [Buffer.concat([body, Buffer.from("x")]), body.subarray(1), Buffer.alloc(0)])
    expect(await send("PUT", url, other)).toEqual([403, "SignatureDoesNotMatch"]);
  // Without a length, in chunks.
  const stream = new Blob([new Uint8Array(body)]).stream();
  const chunked = await fetch(url, { method: "PUT", body: stream, duplex: "half" } as RequestInit);
  expect(chunked.status).toBe(403);
  expect(await send("PUT", url, body)).toEqual([200, ""]);
});

test("nothing but parts, by Encore's own pages or programs, comes through", async () => {
  const { url, body } = await startUpload("nothing else");
  for (const origin of ["https://example.com", "null"])
    expect(await send("PUT", url, body, { origin })).toEqual([403, "AccessDenied"]);
  expect(await send("PUT", url.replace("partNumber=1", "partNumber=2"), body)).toEqual([
    403,
    "SignatureDoesNotMatch",
  ]);
  const { pathname } = new URL(url);
  expect(await send("PUT", `${upstream}${pathname}`, body)).toEqual([403, "AccessDenied"]);
  const own = `${url.replace(upstream, String(encore.env.AWS_ENDPOINT_URL_S3))}`;
  expect((await send("PUT", own, body))[0]).toBe(403);
  for (const method of ["GET", "HEAD", "DELETE", "POST"])
    expect((await send(method, url, Buffer.alloc(0)))[0]).not.toBe(200);
});

test("a part that is never answered is sent again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "encore-parts-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "song.mp3");
  await writeFile(path, bytes);
  let requests = 0;
  const silentOnce = (incoming: IncomingMessage, response: ServerResponse) => {
    requests += 1;
    incoming.resume();
    if (requests > 1) response.end();
  };
  const server = createServer(silentOnce).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/part`;
  const upload = {
    uploadId: "upload",
    partSizeBytes: bytes.length,
    expiresAt: new Date().toISOString(),
    parts: [{ partNumber: 1, url, uploaded: false }],
  };
  const complete = async () => {
    throw new Error("complete");
  };
  const api = { start: async (): Promise<UploadStarted> => ({ status: "open", upload }), complete };
  const sent = uploadFile(api, { path, contentType: "audio/mpeg" }, { partTimeoutMs: 200 });
  await expect(sent).rejects.toThrow("complete");
  expect(requests).toBe(2);
});
