import { setTimeout as wait } from "node:timers/promises";
import { until } from "../../support/until.ts";
import { type Bench, open, post, type Target, usageOf } from "./targets.ts";
import { wallMs } from "./usage.ts";

export type Figures = Readonly<Record<string, number>>;

const percentile = (sorted: ArrayLike<number>, of: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * of) / 100))] ?? Number.NaN;

export const percentiles = (sorted: ArrayLike<number>) => ({
  p50: percentile(sorted, 50),
  p95: percentile(sorted, 95),
  p99: percentile(sorted, 99),
});

/**
 * Memory of idle sessions, in KiB of RSS each, when the collector has run: of one more where there are many, and of all
 * with what the process grew by while it took them in.
 */
export async function memory(bench: Bench, target: Target, count: number): Promise<Figures> {
  const tokens = bench.tokens(count);
  const many = Math.floor(count / 3);
  const empty = await settledUsage(target);
  const first = await open(target, tokens.slice(0, many));
  const some = await settledUsage(target);
  const rest = await open(target, tokens.slice(many));
  const full = await settledUsage(target);
  return {
    kibOneMore: (full - some) / 1024 / (count - many),
    kibOfAll: (full - empty) / 1024 / count,
    mibEmpty: empty / 2 ** 20,
    mibFull: full / 2 ** 20,
    sessions: first.connectionIds.length + rest.connectionIds.length,
    errors: first.errors + rest.errors,
  };
}

async function settledUsage({ host }: Target): Promise<number> {
  await wait(4_000);
  return (await usageOf(host)).rssBytes;
}

const idsPerPost = 500;
const textFor = (at: number): string =>
  JSON.stringify({ type: "pong", revision: 1, at, pad: "x".repeat(160) });

/** As many messages as go through in some seconds, and how late each is at a steady rate. */
export async function fanOut(
  bench: Bench,
  target: Target,
  ids: readonly string[],
  seconds: number,
  perSecond: number,
): Promise<Figures> {
  const batches = Array.from({ length: Math.ceil(ids.length / idsPerPost) }, (_, at) =>
    ids.slice(at * idsPerPost, (at + 1) * idsPerPost),
  );
  const clients = target.generator;
  const send = (connectionIds: readonly string[]) =>
    post(target, bench.secret, [{ connectionIds, text: textFor(wallMs()) }]);
  const arrived = async (count: number) => (await clients.call<number>("count")) >= count;

  await clients.call("latencies");
  const cpu = await cpuOf(target);
  const began = performance.now();
  let sent = 0;
  let turn = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - began < seconds * 1000) {
      const batch = batches[turn++ % batches.length] ?? [];
      await send(batch);
      sent += batch.length;
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  await until("all have arrived", () => arrived(sent), 60_000);
  const took = (performance.now() - began) / 1000;
  const used = await cpuOf(target);
  await clients.call("latencies");

  const everyMs = (idsPerPost / perSecond) * 1000;
  const posts: Promise<void>[] = [];
  const start = performance.now();
  for (let at = 0; at * everyMs < seconds * 1000; at++) {
    const early = start + at * everyMs - performance.now();
    if (early > 0) await wait(early);
    posts.push(send(batches[at % batches.length] ?? []));
  }
  await Promise.all(posts);
  await until("all have arrived", () => arrived(posts.length * idsPerPost * 0.99), 60_000);
  return {
    perSecond: sent / took,
    ...percentiles(await clients.call<Float64Array>("latencies")),
    serverCpuPercent: (used.host - cpu.host) / took / 10,
    generatorCpuPercent: (used.generator - cpu.generator) / took / 10,
  };
}

const cpuOf = async ({ host, generator }: Target) => ({
  host: (await usageOf(host)).cpuMs,
  generator: (await usageOf(generator)).cpuMs,
});

/** From asking for a change to its arrival on the user's other device; at the bare server from the post on. */
export async function changeToDevice(
  bench: Bench,
  target: Target,
  ids: readonly string[],
  changes: number,
): Promise<Figures> {
  const asked = new Map<string, number>();
  for (let at = 0; at < changes; at++) {
    const tag = `${target.name} ${at} ${wallMs()}`;
    // Every other session, so that no user has two changes under way.
    const which = (at * 2) % ids.length;
    const due = wait(25);
    if (target.name === "Encore") {
      const change = { actor: bench.sessions[which], songId: `song-${at % 5}`, tag };
      asked.set(tag, await bench.database.call<number>("change", change));
    } else {
      asked.set(tag, wallMs());
      const text = JSON.stringify({ type: "changes", from: 0, to: 1, changes: [{ tags: [tag] }] });
      await post(target, bench.secret, [{ connectionIds: [ids[which] ?? ""], text }]);
    }
    await due;
  }
  const arrivals = async () => await target.generator.call<Map<string, number>>("arrivals");
  await until("all have arrived", async () => {
    const found = await arrivals();
    return [...asked.keys()].every((tag) => found.has(tag));
  });
  const found = await arrivals();
  const latencies = [...asked].map(([tag, at]) => (found.get(tag) ?? Number.NaN) - at);
  return percentiles(latencies.toSorted((a, b) => a - b));
}

/** All sessions lose their connection, and come back at once. */
export async function storm(bench: Bench, target: Target, count: number): Promise<Figures> {
  const tokens = bench.tokens(count);
  await open(target, tokens);
  await target.generator.call("close");
  // Until the rows of the old connections are gone.
  await wait(3_000);
  if (target.name === "Encore") await target.host.call("asked");
  const before = await cpuOf(target);
  const { ms, errors, connectionIds } = await open(target, tokens, 512);
  const after = await cpuOf(target);
  const asked = target.name === "Encore" ? await target.host.call<Figures>("asked") : {};
  await target.generator.call("close");
  return {
    perSecond: connectionIds.length / (ms / 1000),
    errors,
    serverCpuPercent: ((after.host - before.host) / ms) * 100,
    generatorCpuPercent: ((after.generator - before.generator) / ms) * 100,
    ...asked,
  };
}
