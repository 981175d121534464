import { parseArgs } from "node:util";
import { cold } from "./cold.ts";
import { isInstalled } from "./installed.ts";
import { listeners } from "./listeners/measure.ts";
import { canHaveOwnNetwork, inOwnNetwork } from "./listeners/own-network.ts";
import { profile } from "./profile/profile.ts";
import { type Stage, startStage } from "./stage.ts";
import { warm } from "./warm.ts";

/**
 * `npm run bench:stream [-- --rounds 5 --only warm|cold|listeners --listeners 500 --seconds 30]`: Encore, a bare Node.js
 * server and nginx before one origin, by turns. Servers, engines and clients are processes of their own.
 *
 * `-- --profile [--svg docs/performance-64k.svg]`: a flame graph of Encore instead. `--network here` keeps the listeners
 * on the machine's own loopback.
 *
 * Ends with 2 where a program that it needs is missing. They are Debian packages: `apt-get install nginx wrk`.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    only: { type: "string" },
    listeners: { type: "string", default: "500" },
    seconds: { type: "string", default: "30" },
    network: { type: "string", default: "own" },
    profile: { type: "boolean", default: false },
    svg: { type: "string", default: "docs/performance-64k.svg" },
  },
});
const rounds = Number(values.rounds);
const measure = values.profile ? "profile" : values.only;
if (measure !== undefined && !["warm", "cold", "listeners", "profile"].includes(measure))
  throw new Error(`--only takes warm, cold or listeners, not ${measure}`);
const isAsked = (name: string): boolean => measure === undefined || measure === name;
const withNginx = has("nginx", "nothing is compared with it, and the targets of warm ranges are not judged");
const withWrk = has("wrk", "warm ranges are not measured");

if (isAsked("warm") && withWrk) await onStage((stage) => warm(stage, rounds, withNginx));
if (isAsked("cold")) await onStage((stage) => cold(stage, rounds));
if (isAsked("listeners")) await listen();
if (measure === "profile" && withWrk) await onStage((stage) => profile(stage, values.svg));

/** Engines of its own for each measure. */
async function onStage(act: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await startStage();
  try {
    await act(stage);
  } finally {
    await stage.close();
  }
}

async function listen(): Promise<void> {
  const { listeners: count, seconds } = values;
  const few = Math.min(rounds, 2);
  if (values.network === "own" && canHaveOwnNetwork()) {
    const here = ["--only", "listeners", "--network", "here"];
    const options = [...here, "--rounds", String(few), "--listeners", count, "--seconds", seconds];
    process.exitCode = await inOwnNetwork([import.meta.filename, ...options]);
    return;
  }
  if (values.network === "own")
    console.error("No network of its own can be made here: the loopback's buffers will take whole songs");
  const options = { count: Number(count), seconds: Number(seconds), rounds: few };
  await onStage((stage) => listeners(stage, options, withNginx));
}

function has(program: string, without: string): boolean {
  if (isInstalled(program)) return true;
  console.error(`${program} is not installed here: ${without}`);
  process.exitCode = 2;
  return false;
}
