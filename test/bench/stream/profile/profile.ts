import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startEncore } from "../encore.ts";
import { sizes } from "../goals.ts";
import type { Stage } from "../stage.ts";
import { loadOf, readWhole, warmSongBytes } from "../warm.ts";
import { wrk } from "../wrk.ts";
import { between, type CpuProfile, withoutFolders } from "./cpu-profile.ts";
import { flameGraph } from "./flame-graph.ts";

const projectUrl = new URL("../../../../", import.meta.url).href;
const warmUpSeconds = 3;
const seconds = 5;
const samplingMicroseconds = 250;

/**
 * Where the time of one Encore process goes that answers warm ranges of 64 KiB: a flame graph, and beside it the profile
 * itself, as the browser's developer tools read it.
 * @param svgPath ends with `.svg`
 */
export async function profile(stage: Stage, svgPath: string): Promise<void> {
  const [size] = sizes;
  const [song] = await stage.addSongs(1, warmSongBytes);
  const [session] = await stage.signIn(1);
  if (!song || !session) throw new Error("There is nothing to play");
  const folder = await mkdtemp(join(stage.folder, "profile-"));
  const flags = ["--cpu-prof", "--cpu-prof-dir", folder, "--cpu-prof-interval", String(samplingMicroseconds)];
  const server = await startEncore(stage, 1, flags);
  const listener = { server, headers: session.headers };
  await readWhole(listener, song);
  const load = loadOf(listener, song, size);
  await wrk({ ...load, seconds: warmUpSeconds });
  const startTime = monotonicMicroseconds();
  const { "requests/s": perSecond = 0 } = await wrk({ ...load, seconds });
  const endTime = monotonicMicroseconds();
  await server.stop();

  const cut = between(await readProfile(folder), startTime, endTime);
  const shown = withoutFolders(cut, projectUrl);
  const title = `Encore, one process, warm ranges of ${size.name}, ${load.connections} connections, ${seconds} s`;
  await writeFile(svgPath, flameGraph(title, shown));
  const profilePath = svgPath.replace(/\.svg$/, ".cpuprofile");
  await writeFile(profilePath, JSON.stringify(shown));
  console.log(
    `\n${perSecond.toFixed(0)} requests/s while it was profiled; written: ${svgPath}, ${profilePath}`,
  );
}

/** The clock of a profile's times. */
const monotonicMicroseconds = (): number => Number(process.hrtime.bigint() / 1000n);

async function readProfile(folder: string): Promise<CpuProfile> {
  const [name] = await readdir(folder);
  if (!name) throw new Error("The process has left no profile");
  return JSON.parse(await readFile(join(folder, name), "utf8")) as CpuProfile;
}
