import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { startFaultyOrigin } from "../support/faulty-origin.ts";
import { contentOf } from "../support/range-table.ts";
import { startStreamServer } from "../support/stream-server.ts";
import { until } from "../support/until.ts";

const listeners = 500;
const stuck = 300;
const blockBytes = 128 * 1024;
const maxBytes = 8 * 2 ** 20;

test(`memory stays bounded under ${listeners} listeners who do not read`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "encore-slow-"));
  const path = join(folder, "socket");
  const origin = await startFaultyOrigin();
  const content = contentOf(8 * 2 ** 20);
  const etag = origin.put("songs/0", content);
  for (let i = 1; i < listeners; i += 1) origin.put(`songs/${i}`, content, etag);
  const song = {
    etag,
    sizeBytes: content.length,
    contentType: "audio/mpeg",
    modifiedAt: new Date(0).toISOString(),
  };
  let sent = 0;
  const server = await startStreamServer({
    source: origin.source,
    blockBytes,
    path,
    maxBytes,
    find: (songId) => ({ ...song, key: `songs/${songId}` }),
    onBytes: (count) => (sent += count),
  });
  const clients = Array.from({ length: listeners }, (_, i) => stuckListener(path, i));
  let last = -1;
  await until(
    "nobody takes more",
    () => {
      const still = server.open() === listeners && sent === last && server.cache.stats().fetching === 0;
      last = sent;
      return still;
    },
    60_000,
  );
  // The song, the cache, and what waits in each response: 256 KiB, reached by the block that went over it.
  await memoryFallsBelow(content.length + maxBytes + listeners * (256 * 1024 + blockBytes));
  expect(server.cache.stats().cachedBytes).toBeLessThanOrEqual(maxBytes);

  for (const client of clients) client.destroy();
  await until("all are let go", () => server.open() === 0 && origin.busy() === 0);
  expect(server.released()).toBe(listeners);
  await server.close();
  await origin.close();
  await rm(folder, { recursive: true });
}, 120_000);

test("memory stays bounded under listeners who do not read ranges that were in memory", async () => {
  const folder = await mkdtemp(join(tmpdir(), "encore-slow-"));
  const path = join(folder, "socket");
  const origin = await startFaultyOrigin();
  const content = contentOf(2 ** 20);
  const server = await startStreamServer({
    source: origin.source,
    blockBytes,
    path,
    maxBytes,
    find: (songId) => ({
      key: `songs/${songId}`,
      etag: origin.put(`songs/${songId}`, content),
      sizeBytes: content.length,
      contentType: "audio/mpeg",
      modifiedAt: new Date(0).toISOString(),
    }),
  });
  const clients: Socket[] = [];
  for (let song = 0; song < stuck; song++) {
    const reader = stuckListener(path, song).resume();
    await until("it is in memory and sent", () => server.released() === song + 1);
    reader.destroy();
    clients.push(stuckListener(path, song, "bytes=0-1048575"));
    await until("it waits", () => server.open() === clients.length);
  }
  await until("what is fetched is here", () => server.cache.stats().fetching === 0);
  // The song, the cache, what left at once (64 MiB and the one that reached it), and what waits of all that came later.
  await memoryFallsBelow(content.length + maxBytes + 65 * 2 ** 20 + stuck * (256 * 1024 + blockBytes));

  for (const client of clients) client.destroy();
  await until("all are let go", () => server.open() === 0);
  await server.close();
  await origin.close();
  await rm(folder, { recursive: true });
}, 120_000);

/** What nobody holds any more is freed beside the program, and not held against the server. */
async function memoryFallsBelow(bytes: number): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  await until("no more memory is held than is allowed", () => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers < bytes;
  });
}

function stuckListener(path: string, song: number, range = "bytes=0-"): Socket {
  const socket = connect(path);
  socket.on("error", () => {});
  socket.write(`GET /stream/${song} HTTP/1.1\r\nHost: localhost\r\nRange: ${range}\r\n\r\n`);
  return socket.pause();
}
