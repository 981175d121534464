import type { Figures } from "../support/figures.ts";
import { usageOf } from "../support/process-usage.ts";
import { bares, type Competitor, encores, nginxes } from "./competitors.ts";
import { type Size, sizes } from "./goals.ts";
import { judge } from "./judge.ts";
import type { Song } from "./seed.ts";
import type { Stage } from "./stage.ts";
import { type Load, wrk } from "./wrk.ts";

const connections = 32;
const warmUpSeconds = 1;
const roundSeconds = 2;
export const warmSongBytes = 32 * 2 ** 20;

/** Ranges that are in memory, by turns: requests a second and the slowest hundredth, beside the best nginx. */
export async function warm(stage: Stage, rounds: number, withNginx: boolean): Promise<void> {
  const songs = await stage.addSongs(1, warmSongBytes);
  const [song] = songs;
  if (!song) throw new Error("There is no song");
  const all = await Promise.all([encores(stage), bares(stage, song), withNginx ? nginxes(stage, songs) : []]);
  const competitors = all.flat();
  for (const competitor of competitors) await readWhole(competitor, song);
  for (const size of sizes) {
    const found = await byTurns(stage, competitors, song, size, rounds);
    const title = `warm ranges of ${size.name}, ${connections} connections, ${rounds} rounds of ${roundSeconds} s`;
    judge(title, size, found);
  }
}

/** A cache of whole objects must have had the whole. */
export async function readWhole(
  { server, headers }: Omit<Competitor, "name">,
  { path }: Song,
): Promise<void> {
  const answer = await fetch(server.url + path, { headers: headers() });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}

async function byTurns(
  stage: Stage,
  competitors: readonly Competitor[],
  song: Song,
  size: Size,
  rounds: number,
): Promise<ReadonlyMap<string, readonly Figures[]>> {
  const loads = competitors.map((competitor) => ({ competitor, load: loadOf(competitor, song, size) }));
  const found = new Map(competitors.map(({ name }) => [name, [] as Figures[]]));
  for (const { load } of loads) await wrk({ ...load, seconds: warmUpSeconds });
  for (let round = 0; round < rounds; round++)
    for (const { competitor, load } of loads)
      found.get(competitor.name)?.push(await measure(stage, competitor, load));
  return found;
}

export const loadOf = (
  { server, headers }: Omit<Competitor, "name">,
  { path }: Song,
  { bytes }: Size,
): Load => ({
  url: server.url + path,
  headers: { ...headers(), range: `bytes=0-${bytes - 1}` },
  connections,
  seconds: roundSeconds,
});

/**
 * The engines are to rest meanwhile; the figure shows whether they did. What a request costs the server says more than how
 * many there were where other work goes on beside.
 */
async function measure({ engines }: Stage, { server }: Competitor, load: Load): Promise<Figures> {
  const cpuMs = async () => ({
    server: (await usageOf(server.pid)).cpuMs,
    engines: await engines.call<number>("cpuMs"),
  });
  const before = await cpuMs();
  const figures = await wrk(load);
  const after = await cpuMs();
  const used = { server: after.server - before.server, engines: after.engines - before.engines };
  const requests = (figures["requests/s"] ?? Number.NaN) * load.seconds;
  return {
    ...figures,
    "CPU µs a request": (used.server * 1000) / requests,
    "server CPU %": used.server / load.seconds / 10,
    "engines CPU %": used.engines / load.seconds / 10,
  };
}
