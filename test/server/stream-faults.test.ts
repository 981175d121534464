import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StreamGrant } from "../../core/domain/entitlement/stream-grant.ts";
import { type FaultyOrigin, startFaultyOrigin } from "../support/faulty-origin.ts";
import { createRandom, runSeed } from "../support/random.ts";
import { contentOf } from "../support/range-table.ts";
import { rawRequest } from "../support/raw-http.ts";
import { type StreamServer, type StreamServerOptions, startStreamServer } from "../support/stream-server.ts";
import { until } from "../support/until.ts";

const blockBytes = 16 * 1024;
const content = contentOf(10 * blockBytes + 123);
const policy = { timeoutMs: 250, maxAttempts: 4, backoffMs: 2 };
const bytes = { kind: "whole" } as const;

let origin: FaultyOrigin;
let server: StreamServer;
let object: StreamGrant["object"];
const clients = new Set<Socket>();

beforeEach(async () => {
  origin = await startFaultyOrigin();
  object = describe("song", content);
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  clients.clear();
  await server.close();
  await origin.close();
});

function describe(key: string, body: Buffer): StreamGrant["object"] {
  const etag = origin.put(key, body);
  return {
    key,
    etag,
    sizeBytes: body.length,
    contentType: "audio/mpeg",
    modifiedAt: "2020-05-17T10:20:30.000Z",
  };
}

async function start(options: Partial<StreamServerOptions> = {}): Promise<void> {
  server = await startStreamServer({
    source: origin.source,
    find: () => object,
    blockBytes,
    policy,
    ...options,
  });
}

const get = (headers: Record<string, string> = {}) => rawRequest(server.port, "GET", "/stream/song", headers);

/** A listener that reads nothing until told to. */
function listen(headers = ""): Socket {
  const socket = connect(server.port, "127.0.0.1");
  clients.add(socket);
  socket.on("error", () => {});
  socket.write(`GET /stream/song HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  return socket.pause();
}

const whenQuiet = () =>
  until("no grant open and nothing under way at the origin", () => server.open() + origin.busy() === 0);

test("a body that breaks at any byte is asked for again from there", async () => {
  await start();
  const seed = runSeed();
  const random = createRandom(seed);
  let cuts = 0;
  origin.behave((request) => {
    // Every other answer breaks, at the first byte, the last, or anywhere between.
    if (request % 2 === 1) return bytes;
    cuts += 1;
    return { kind: "cut", after: [0, 1, blockBytes - 1][cuts % 7] ?? Math.floor(random() * blockBytes) };
  });
  const { status, body } = await get();
  expect(status).toBe(200);
  expect(body.equals(content), `SEED=${seed}`).toBe(true);
  expect(cuts).toBeGreaterThan(5);
  const asked = origin.asked.map((range) => Number(/=(\d+)-/.exec(range)?.[1]));
  expect(asked.some((first) => first % blockBytes !== 0)).toBe(true);
});

test("server errors and silence of the store are waited out", async () => {
  await start();
  const faults = [
    { kind: "status", status: 503 },
    { kind: "stall", after: -1 },
    { kind: "stall", after: 100 },
    bytes,
  ] as const;
  origin.behave((request) => faults[request] ?? bytes);
  const { status, body } = await get({ Range: "bytes=0-999" });
  expect(status).toBe(206);
  expect(body.equals(content.subarray(0, 1000))).toBe(true);
});

test("a store that stays down is a 503 before the body, and a broken connection in it", async () => {
  await start();
  origin.behave(() => ({ kind: "status", status: 503 }));
  const refused = await get();
  expect(refused.status).toBe(503);
  expect(JSON.parse(refused.body.toString())).toMatchObject({ kind: "unavailable" });
  expect(refused.headers.etag).toBeUndefined();
  expect(origin.asked.length).toBe(policy.maxAttempts);

  origin.behave((request) => (request === policy.maxAttempts ? bytes : { kind: "status", status: 503 }));
  const broken = await get();
  expect(broken.status).toBe(200);
  expect(broken.whole).toBe(false);
  expect(broken.body.equals(content.subarray(0, broken.body.length))).toBe(true);
  await whenQuiet();
  expect(server.released()).toBe(2);
});

test("a replaced object never mixes into a body", async () => {
  await start();
  const before = listen();
  const received: Buffer[] = [];
  await until("the first block is here", () => server.cache.stats().cachedBytes > 0);
  origin.put("song", contentOf(content.length).reverse());
  before.on("data", (chunk) => received.push(chunk)).resume();
  await new Promise((resolve) => before.on("close", resolve));
  const body = Buffer.concat(received);
  const start0 = body.indexOf("\r\n\r\n") + 4;
  expect(body.length - start0).toBeLessThan(content.length);
  expect(body.subarray(start0).equals(content.subarray(0, body.length - start0))).toBe(true);

  // The row still names the old version: what is cached may be heard, the rest is refused before a byte is sent.
  const late = await get({ Range: `bytes=${content.length - 5}-` });
  expect(late.status).toBe(503);
  expect(JSON.parse(late.body.toString())).toMatchObject({ retryAfterSeconds: 1 });
});

test("an engine that heeds neither If-Match nor Range is caught out", async () => {
  await start();
  origin.behave(() => ({ kind: "careless" }));
  expect((await get({ Range: "bytes=20000-20001" })).status).toBe(503);
  await whenQuiet();
});

test("an object that is gone is a 404", async () => {
  await start();
  object = { ...object, key: "nothing" };
  expect((await get()).status).toBe(404);
});

test("concurrent listeners share one fetch a block", async () => {
  await start();
  const answers = await Promise.all(Array.from({ length: 40 }, () => get()));
  for (const { body } of answers) expect(body.equals(content)).toBe(true);
  expect(origin.asked.length).toBe(11);
});

test("one listener's leaving takes nothing from the others; the last one's ends the fetch", async () => {
  await start({ policy: { ...policy, timeoutMs: 60_000 } });
  origin.behave(() => ({ kind: "stall", after: 1000 }));
  const range = "Range: bytes=0-9999\r\n";
  const [first, second] = [listen(range), listen(range)];
  await until("one fetch for both", () => server.open() === 2 && origin.busy() === 1);
  first.destroy();
  await until("the first has left", () => server.open() === 1);
  expect(origin.busy()).toBe(1);
  second.destroy();
  await whenQuiet();
  expect(server.cache.stats().fetching).toBe(0);
});

test("connections to the store are back at their baseline a second after listeners leave, before headers too", async () => {
  await start({ policy: { ...policy, timeoutMs: 60_000 } });
  origin.behave((request) => ({ kind: "stall", after: request % 2 === 0 ? -1 : 500 }));
  for (let i = 0; i < 30; i += 1) listen(`Range: bytes=${(i % 10) * blockBytes}-\r\n`);
  await until("all wait", () => server.open() === 30 && origin.busy() >= 10);
  for (const client of clients) client.destroy();
  await until("all is quiet", () => server.open() + origin.busy() + origin.sockets() === 0, 1_000);
  expect(server.released()).toBe(30);

  origin.behave(() => bytes);
  expect((await get()).body.equals(content)).toBe(true);
});

test("a listener who leaves while waiting behind another on the same connection is let go as well", async () => {
  await start({ policy: { ...policy, timeoutMs: 60_000 } });
  origin.behave(() => ({ kind: "stall", after: -1 }));
  const socket = listen();
  socket.write("GET /stream/song HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until("both wait", () => server.open() === 2);
  socket.destroy();
  await whenQuiet();
});

test("a range that ends early lets its block come in whole", async () => {
  await start();
  expect((await get({ Range: "bytes=0-1" })).body.equals(content.subarray(0, 2))).toBe(true);
  await until("the block is cached", () => server.cache.stats().cachedBytes === blockBytes);
  expect((await get({ Range: "bytes=0-9999" })).body.equals(content.subarray(0, 10_000))).toBe(true);
  expect(origin.asked).toEqual([`bytes=0-${blockBytes - 1}`]);
});

test("HEAD, 304, 412 and 416 read nothing from the store", async () => {
  await start();
  const head = await rawRequest(server.port, "HEAD", "/stream/song");
  expect(head).toMatchObject({ status: 200, whole: true });
  expect(head.headers["content-length"]).toBe(String(content.length));
  expect((await get({ "If-None-Match": object.etag })).status).toBe(304);
  expect((await get({ "If-Match": '"other"' })).status).toBe(412);
  expect((await get({ Range: "bytes=99999999-" })).status).toBe(416);
  expect(origin.asked).toEqual([]);
});

test("while one block is sent the next is fetched, and no more than that", async () => {
  object = describe("song", contentOf(32 * 2 ** 20));
  let sent = 0;
  await start({ blockBytes: 2 ** 18, onBytes: (count) => (sent += count) });
  const listener = listen();
  let [last, still] = [0, 0];
  await until("the listener takes no more", () => {
    // Between two fetches nothing is under way either.
    still = sent > 0 && sent === last && server.cache.stats().fetching === 0 ? still + 1 : 0;
    last = sent;
    return still > 20;
  });
  const blocksSent = Math.ceil(sent / 2 ** 18);
  expect(origin.asked.length).toBe(blocksSent + 1);
  expect(blocksSent).toBeLessThan(100);
  listener.resume();
  await until("all of it is sent", () => server.open() === 0);
  expect(origin.asked.length).toBe(128);
});

test("the end of entitlement ends what flows at once, and what waits", async () => {
  const end = new AbortController();
  await start({ signal: end.signal });
  object = describe("song", contentOf(8 * 2 ** 20));
  const flowing = listen();
  const received: Buffer[] = [];
  await until("it flows", () => origin.asked.length > 1);
  end.abort();
  await until("nothing is open", () => server.open() === 0, 1_000);
  flowing.on("data", (chunk) => received.push(chunk)).resume();
  await new Promise((resolve) => flowing.on("close", resolve));
  expect(Buffer.concat(received).length).toBeLessThan(8 * 2 ** 20);
  expect(server.released()).toBe(1);
  await expect(get()).rejects.toThrow("no response head");
});

test("a range that left at once can still be cut while its listener has not read it", async () => {
  const end = new AbortController();
  await start({ signal: end.signal });
  const size = 2 ** 20;
  object = describe("song", contentOf(size));
  expect((await get()).whole).toBe(true);

  // More than the connection itself swallows.
  const asked = 32;
  const slow = listen(`Range: bytes=0-${size - 1}\r\n`);
  for (let more = 1; more < asked; more++)
    slow.write(`GET /stream/song HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-${size - 1}\r\n\r\n`);
  await until("some are sent and some wait", () => server.released() > 1 && server.open() > 0);
  end.abort();
  await until("nothing is open", () => server.open() === 0, 1_000);
  let received = 0;
  slow.on("data", (chunk) => (received += chunk.length)).resume();
  await new Promise((resolve) => slow.on("close", resolve));
  expect(received).toBeLessThan(asked * size);
});

test("what is told of bytes is what was sent", async () => {
  let count = 0;
  await start({ onBytes: (more) => (count += more) });
  await get();
  await get({ Range: "bytes=5-9,100-109" });
  expect(count).toBe(content.length + 15);
});
