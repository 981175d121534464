import { setTimeout as wait } from "node:timers/promises";
import { until } from "../../support/until.ts";
import { type Figures, percentiles } from "../support/figures.ts";
import { wallMs } from "../support/usage.ts";
import { type Bench, open, post, type Target, tryToOpen } from "./targets.ts";

const warmUp = 500;

/**
 * What one idle session takes, in KiB of RSS, when the collector has run. Three answers, since V8 keeps pages for a while
 * that nobody uses: beside a process that has just started, with all that it grew by; beside one that has served some
 * hundreds who have gone, which flatters by what was kept of them; and of one more where there are many already.
 */
export async function memory(bench: Bench, target: Target, count: number): Promise<Figures> {
  const tokens = bench.tokens(count);
  const cold = await settledRss(target);
  await open(target, tokens.slice(0, warmUp));
  await target.generator.call("close");
  const warm = await settledRss(target);
  const third = Math.floor(count / 3);
  const first = await open(target, tokens.slice(0, third));
  const some = await settledRss(target);
  const rest = await open(target, tokens.slice(third));
  const full = await settledRss(target);
  return {
    "KiB a session, from cold": (full - cold) / 1024 / count,
    "KiB a session, from warm": (full - warm) / 1024 / count,
    "KiB of one more": (full - some) / 1024 / (count - third),
    "MiB cold": cold / 2 ** 20,
    "MiB warm": warm / 2 ** 20,
    "MiB with all": full / 2 ** 20,
    sessions: first.length + rest.length,
  };
}

/** Once two readings, some seconds apart, say nearly the same: what was collected goes back to the system later. */
async function settledRss({ host }: Target): Promise<number> {
  let last = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < 8; reading++) {
    await wait(3_000);
    const rss = await host.call<number>("rssBytes");
    if (Math.abs(last - rss) < 2 ** 20) return rss;
    last = rss;
  }
  return last;
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
  const send = (connectionIds: readonly string[], at = wallMs()) =>
    post(target, bench.secret, [{ connectionIds, text: textFor(at) }]);
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

  const steady = await steadyLatencies(target, batches, seconds, (idsPerPost / perSecond) * 1000, send);
  return {
    "messages/s": sent / took,
    ...percentiles(steady),
    "server CPU %": (used.host - cpu.host) / took / 10,
    "clients CPU %": (used.generator - cpu.generator) / took / 10,
  };
}

/** How late each message is by the timetable, so that a post which had to wait for others counts as late too. */
async function steadyLatencies(
  { generator }: Target,
  batches: readonly (readonly string[])[],
  seconds: number,
  everyMs: number,
  send: (ids: readonly string[], at: number) => Promise<void>,
): Promise<Float64Array> {
  const posts: Promise<void>[] = [];
  let messages = 0;
  const start = wallMs();
  for (let at = 0; at * everyMs < seconds * 1000; at++) {
    const due = start + at * everyMs;
    const early = due - wallMs();
    if (early > 0) await wait(early);
    const batch = batches[at % batches.length] ?? [];
    messages += batch.length;
    posts.push(send(batch, due));
  }
  await Promise.all(posts);
  await until("all have arrived", async () => (await generator.call<number>("count")) >= messages, 60_000);
  return generator.call<Float64Array>("latencies");
}

const cpuOf = async ({ host, generator }: Target) => ({
  host: await host.call<number>("cpuMs"),
  generator: await generator.call<number>("cpuMs"),
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
  const { ms, errors, connectionIds } = await tryToOpen(target, tokens, 512);
  const after = await cpuOf(target);
  const asked = target.name === "Encore" ? await target.host.call<Figures>("asked") : {};
  return {
    "resumes/s": connectionIds.length / (ms / 1000),
    errors,
    "server CPU %": ((after.host - before.host) / ms) * 100,
    "clients CPU %": ((after.generator - before.generator) / ms) * 100,
    ...asked,
  };
}
