import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { until } from "../../../support/until.ts";
import { checkDescriptors } from "../../support/descriptors.ts";
import { type Figures, inOrder, percentiles } from "../../support/figures.ts";
import { usageOf } from "../../support/process-usage.ts";
import { report } from "../../support/report.ts";
import { startHost } from "../../support/rpc.ts";
import type { ServerProcess } from "../../support/server-process.ts";
import { startEncore } from "../encore.ts";
import { nginxSlice, startNginx } from "../nginx.ts";
import type { SignedIn } from "../seed.ts";
import type { Stage } from "../stage.ts";
import { eventLoopFigures } from "./event-loop.ts";
import type { Audience } from "./generator.ts";
import type { Told } from "./listener.ts";
import { bytesPerSecond } from "./player.ts";

const songCount = 50;
const songSeconds = 120;
const arrivalMs = 5_000;

export type ListeningOptions = { readonly count: number; readonly seconds: number; readonly rounds: number };

/** Many who listen at 320 kbit/s, each to a song at its own pace: whether the music stops, and what it costs. */
export async function listeners(
  stage: Stage,
  { count, seconds, rounds }: ListeningOptions,
  withNginx: boolean,
): Promise<void> {
  checkDescriptors("listeners", count);
  const songs = await stage.addSongs(songCount, songSeconds * bytesPerSecond);
  const sessions = await stage.signIn(count);
  const starts: Record<string, () => Promise<ServerProcess>> = {
    Encore: () => startEncore(stage, 1),
    "Encore, 2 workers": () => startEncore(stage, 2),
    ...(withNginx && { "nginx slice": () => startNginx(stage, songs, nginxSlice) }),
  };
  const found = new Map(Object.keys(starts).map((name) => [name, [] as Figures[]]));
  for (let round = 0; round < rounds; round++)
    for (const [name, start] of Object.entries(starts)) {
      const server = await start();
      const audience = { songs: songs.map(({ path }) => server.url + path), headers: headersOf(sessions) };
      const figures = await listen(stage, server, { ...audience, arrivalMs }, seconds);
      found.get(name)?.push(figures);
      await server.stop();
    }
  report(`${count} listeners at 320 kbit/s, ${songCount} songs, ${seconds} s, ${rounds} rounds`, found);
}

const headersOf = (sessions: readonly SignedIn[]) => sessions.map((session) => session.headers());

/** All must have begun by then. */
const beginWithinMs = 60_000;

/** On a server that has just started, as nobody has heard a song there before. */
async function listen(
  stage: Stage,
  server: ServerProcess,
  audience: Audience,
  seconds: number,
): Promise<Figures> {
  const generator = await startHost(join(import.meta.dirname, "generator.ts"));
  const look = async () => ({
    server: await usageOf(server.pid),
    enginesMs: await stage.engines.call<number>("cpuMs"),
    clientsMs: await generator.call<number>("cpuMs"),
    loop: await eventLoopFigures(await stage.nodes()),
  });
  const before = await look();
  await generator.call("come", audience);
  await until("all have begun", () => generator.call<boolean>("haveBegun"), beginWithinMs);
  const begun = await look();
  await wait(seconds * 1000);
  const after = await look();
  const told = await generator.call<readonly Told[]>("told");
  const latestTickMs = await generator.call<number>("latestTickMs");
  await generator.call("leave");
  await generator.end();
  const percent = (ms: number) => ms / seconds / 10;
  return {
    ...heardBy(told),
    "to begin: server CPU, s": (begun.server.cpuMs - before.server.cpuMs) / 1000,
    "to begin: engines CPU, s": (begun.enginesMs - before.enginesMs) / 1000,
    "server CPU %": percent(after.server.cpuMs - begun.server.cpuMs),
    ...after.loop,
    "server MiB, just started": before.server.rssBytes / 2 ** 20,
    "server MiB": after.server.rssBytes / 2 ** 20,
    "server MiB at most": after.server.peakRssBytes / 2 ** 20,
    "engines CPU %": percent(after.enginesMs - begun.enginesMs),
    "clients CPU %": percent(after.clientsMs - begun.clientsMs),
    "clients late at most, ms": latestTickMs,
  };
}

function heardBy(told: readonly Told[]): Figures {
  const sum = (figure: keyof Told) => told.reduce((total, one) => total + one[figure], 0);
  const starts = told.map(({ startMs }) => startMs).filter((ms) => !Number.isNaN(ms));
  const { "p50 ms": p50, "p99 ms": p99 } = percentiles(inOrder(starts));
  return {
    stutters: sum("stutters"),
    "silence, ms": sum("silentMs"),
    failures: sum("failures"),
    "heard, s": sum("playedMs") / 1000,
    "delivered, s of audio": sum("receivedBytes") / bytesPerSecond,
    "to begin: p50, ms": p50,
    "to begin: p99, ms": p99,
  };
}
