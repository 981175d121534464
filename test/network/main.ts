import { spawnSync } from "node:child_process";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { startStreamServer } from "../support/stream-server.ts";
import { type Line, nodeAddress, openLine, type PeerNews } from "./line.ts";

/**
 * What only a real line shows: how long a listener who vanished holds a response, that one who pauses keeps it, and how
 * much arrives after a stream was revoked. In network namespaces of its own; needs Linux, iproute2 and root or user
 * namespaces. `node test/network/main.ts`
 */
const inside = "ENCORE_OWN_NETWORK";
if (process.env[inside] === undefined) {
  const { status } = spawnSync(
    "unshare",
    ["-r", "-n", process.execPath, import.meta.filename, ...process.argv.slice(2)],
    {
      stdio: "inherit",
      env: { ...process.env, [inside]: "1" },
    },
  );
  process.exit(status ?? 1);
}

const whole = "bytes=0-";
const content = Buffer.alloc(48 * 2 ** 20, 7);
const goals = { vanishedMs: 40_000, pausedMs: 60_000, afterMs: 2_000 };
let failures = 0;
const judge = (what: string, figure: string, isGood: boolean) => {
  failures += isGood ? 0 : 1;
  console.log(`${isGood ? "good" : "BAD "}  ${what}: ${figure}`);
};

/** A server, a line and a listener, until `play` is over. */
async function withListener(
  range: string,
  play: (stage: Awaited<ReturnType<typeof begin>>) => Promise<void>,
): Promise<void> {
  const stage = await begin(range);
  try {
    await play(stage);
  } finally {
    stage.line.close();
    await stage.server.close();
  }
}

async function begin(range: string) {
  const revoking = new AbortController();
  const line = await openLine(new URL("peer.ts", import.meta.url).pathname);
  const server = await startStreamServer({
    host: nodeAddress,
    source: {
      read: async ({ start, end }) => Readable.from([content.subarray(start, end + 1)]),
    },
    find: () => ({
      key: "song",
      etag: '"1"',
      sizeBytes: content.length,
      contentType: "audio/mpeg",
      modifiedAt: new Date(0).toISOString(),
    }),
    signal: revoking.signal,
  });
  const heard = { bytes: 0, closedAt: Number.NaN, lastAt: Number.NaN, how: "" };
  line.peer.on("message", (news: PeerNews) => {
    if (news.kind === "bytes") {
      heard.bytes += news.count;
      heard.lastAt = performance.now();
    }
    if (news.kind === "closed") Object.assign(heard, { closedAt: performance.now(), how: news.how });
  });
  const ask = () => line.order({ kind: "ask", host: nodeAddress, port: server.port, range });
  return { server, line, heard, ask, revoke: () => revoking.abort() };
}

/** @returns milliseconds until it came true, or undefined */
async function comesTrue(condition: () => boolean, withinMs: number): Promise<number | undefined> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < withinMs) {
    if (condition()) return performance.now() - startedAt;
    await pause(20);
  }
  return undefined;
}

const seconds = (ms: number | undefined) =>
  ms === undefined ? "not in time" : `${(ms / 1000).toFixed(1)} s`;
const shapes = (line: Line) => line.shape(8_000, 64 * 1024);

async function vanished(paused: boolean): Promise<void> {
  await withListener(whole, async ({ server, line, heard, ask }) => {
    shapes(line);
    ask();
    await comesTrue(() => heard.bytes > 2 ** 20, 20_000);
    if (paused) {
      line.order({ kind: "pause" });
      await pause(8_000);
    }
    line.vanish();
    const tookMs = await comesTrue(() => server.open() === 0, 150_000);
    const limit = goals.vanishedMs * (paused ? 2 : 1);
    judge(
      `a listener who ${paused ? "paused and then vanished" : "vanished"} is let go after`,
      seconds(tookMs),
      tookMs !== undefined && tookMs < limit,
    );
  });
}

async function keepsPaused(isSlow: boolean): Promise<void> {
  await withListener(whole, async ({ server, line, heard, ask }) => {
    if (isSlow) shapes(line);
    ask();
    await comesTrue(() => heard.bytes > 2 ** 20, 20_000);
    line.order({ kind: "pause" });
    const endedMs = await comesTrue(() => server.open() === 0, goals.pausedMs);
    judge(
      `a listener who paused for ${goals.pausedMs / 1000} s`,
      endedMs === undefined ? "kept" : "ended",
      endedMs === undefined,
    );
    line.order({ kind: "resume" });
    const before = heard.bytes;
    const wentOn = await comesTrue(() => heard.bytes - before > 8 * 2 ** 20, 20_000);
    judge("and goes on", wentOn === undefined ? "no" : "yes", wentOn !== undefined);
  });
}

async function revoked(range: string, kbits: number, heardMs: number): Promise<void> {
  await withListener(range, async ({ line, heard, ask, revoke }) => {
    // So that a range is in memory.
    if (range !== whole) {
      ask();
      await comesTrue(() => heard.bytes > 2 ** 20, 20_000);
    }
    line.shape(kbits, 2 ** 20);
    heard.bytes = 0;
    ask();
    await pause(heardMs);
    const atRevocation = heard.bytes;
    const at = performance.now();
    heard.closedAt = Number.NaN;
    revoke();
    await comesTrue(() => !Number.isNaN(heard.closedAt), 30_000);
    const afterMs = heard.lastAt - at;
    judge(
      `after a revocation at ${kbits} kbit/s, ${range}`,
      `${((heard.bytes - atRevocation) / 1024).toFixed(0)} KiB came, for ${seconds(Math.max(afterMs, 0))}; ${heard.how || "not closed"}`,
      afterMs < goals.afterMs && heard.how !== "",
    );
  });
}

const only = process.argv[2];
const measures: Record<string, () => Promise<void>> = {
  revoked: async () => {
    for (const kbits of [512, 2_000]) await revoked(whole, kbits, 20_000);
    await revoked("bytes=0-1048575", 512, 6_000);
  },
  vanished: () => vanished(false),
  "paused-vanished": () => vanished(true),
  paused: () => keepsPaused(false),
  "paused-slow": () => keepsPaused(true),
};
for (const [name, measure] of Object.entries(measures))
  if (only === undefined || only === name) await measure();
process.exit(failures === 0 ? 0 : 1);
