import { Agent, get } from "node:http";
import { join } from "node:path";
import { type Figures, inOrder, percentiles } from "../support/figures.ts";
import { report } from "../support/report.ts";
import { startHost } from "../support/rpc.ts";
import { startEncore } from "./encore.ts";
import { coldGoals } from "./goals.ts";
import type { Song } from "./seed.ts";
import type { Stage } from "./stage.ts";

const songBytes = 32 * 2 ** 20;
const rangeBytes = 64 * 1024;
/** Two blocks of Encore's apart, so that none has been read ahead. */
const stepBytes = 2 * 256 * 1024;

type Asked = { readonly agent: Agent; readonly url: string; readonly headers: Record<string, string> };

/** A store in the same machine, and one as far away as S3 is from a node in its region, or nearer. */
const distancesMs = [0, 10];

/** The first byte of what nobody has asked for yet, by turns through Encore and straight from the store. */
export async function cold(stage: Stage, rounds: number): Promise<void> {
  const way = await startHost(join(import.meta.dirname, "distance-host.ts"));
  for (const distanceMs of distancesMs) {
    const near = new URL(stage.env.AWS_ENDPOINT_URL_S3 ?? "");
    const port = await way.call<number>("open", { port: Number(near.port), eachWayMs: distanceMs / 2 });
    await measure(stage, rounds, distanceMs === 0 ? near.origin : `http://127.0.0.1:${port}`, distanceMs);
  }
  await way.end();
}

async function measure(stage: Stage, rounds: number, store: string, distanceMs: number): Promise<void> {
  const [unmeasured, ...songs] = await stage.addSongs(rounds + 1, songBytes);
  const [session] = await stage.signIn(1);
  const server = await startEncore({ ...stage, env: { ...stage.env, AWS_ENDPOINT_URL_S3: store } }, 1);
  const [toEncore, toStore] = [oneConnection(), oneConnection()];
  const round = (song: Song) =>
    takeTurns(
      song,
      { agent: toEncore, url: server.url + song.path, headers: { ...session?.headers() } },
      { agent: toStore, url: song.direct.replace(new URL(song.direct).origin, store), headers: {} },
    );
  if (unmeasured) await round(unmeasured);
  const found = { Encore: [] as Figures[], "direct GET": [] as Figures[] };
  for (const song of songs) {
    const { encore, direct } = await round(song);
    found.Encore.push({ ...encore, "times direct": encore["p50 ms"] / direct["p50 ms"] });
    found["direct GET"].push(direct);
  }
  for (const agent of [toEncore, toStore]) agent.destroy();
  await server.stop();
  const title = `cold first byte, the store ${distanceMs} ms away, ${rounds} rounds of ${songBytes / stepBytes} turns`;
  report(title, new Map(Object.entries(found)), coldGoals);
}

const oneConnection = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 });

/** Who goes first changes, since what one has read the other may find in the system's memory. */
async function takeTurns({ sizeBytes }: Song, encore: Asked, direct: Asked) {
  const samples = { encore: [] as number[], direct: [] as number[] };
  for (let start = 0; start + rangeBytes <= sizeBytes; start += stepBytes) {
    const range = `bytes=${start}-${start + rangeBytes - 1}`;
    const first = (start / stepBytes) % 2 === 0;
    if (first) samples.encore.push(await firstByteMs(encore, range));
    samples.direct.push(await firstByteMs(direct, range));
    if (!first) samples.encore.push(await firstByteMs(encore, range));
  }
  return { encore: percentiles(inOrder(samples.encore)), direct: percentiles(inOrder(samples.direct)) };
}

/** From the request to the first byte of the body. Resolves when all of it is there. */
function firstByteMs({ agent, url, headers }: Asked, range: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = performance.now();
  const request = get(url, { agent, headers: { ...headers, range } }, (response) => {
    if (response.statusCode !== 206) reject(new Error(`${url}: ${response.statusCode}`));
    let took = Number.NaN;
    response.once("data", () => {
      took = performance.now() - asked;
    });
    response.resume().on("end", () => resolve(took));
    response.on("error", reject);
  });
  request.on("error", reject);
  return promise;
}
