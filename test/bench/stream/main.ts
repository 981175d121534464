import { parseArgs } from "node:util";
import { cold } from "./cold.ts";
import { isInstalled } from "./installed.ts";
import { profile } from "./profile/profile.ts";
import { startStage } from "./stage.ts";
import { warm } from "./warm.ts";

/**
 * `npm run bench:stream [-- --rounds 5 --only warm|cold]`: Encore, a bare Node.js server and nginx from one
 * origin, by turns. Servers, engines and clients are processes of their own.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    only: { type: "string" },
    profile: { type: "boolean", default: false },
    svg: { type: "string", default: "docs/performance-64k.svg" },
  },
});
const rounds = Number(values.rounds);
const isAsked = (measure: string): boolean =>
  !values.profile && (values.only === undefined || values.only === measure);

const withNginx = isInstalled("nginx");
const withWrk = isInstalled("wrk");
const stage = await startStage();
try {
  if (values.profile) await profile(stage, values.svg);
  if (isAsked("warm") && withWrk) await warm(stage, rounds, withNginx);
  if (isAsked("cold")) await cold(stage, rounds);
} finally {
  await stage.close();
}
