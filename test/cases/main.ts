import { parseArgs, styleText } from "node:util";
import { audioFileCases } from "./audio-files.ts";
import type { Case, Outcome } from "./case.ts";
import { catalogueCases } from "./catalogue.ts";
import { folderCases } from "./folders.ts";
import { playerCases } from "./player.ts";
import { requestCases } from "./requests.ts";
import { openStage, type Stage } from "./stage.ts";

/**
 * `npm run test:cases`: tries every case against an Encore of its own and prints a table; exit 1 where one failed.
 * `-- --only 05,24` tries those whose names begin so.
 */
const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
const chosen = values.only.split(",");
// The last ones need a library of more than a page.
const cases = [...audioFileCases, ...folderCases, ...catalogueCases, ...requestCases, ...playerCases].filter(
  ({ name }) => chosen.some((start) => name.startsWith(start)),
);

const stage = await openStage();
let failed = 0;
try {
  for (const one of cases) {
    const { ok, came } = await attempt(one, stage);
    if (!ok) failed += 1;
    const verdict = ok ? styleText("green", "ok    ") : styleText("red", "FAILED");
    console.log(`${verdict}  ${one.name}\n          right  ${one.right}\n          came   ${came.trim()}`);
  }
} finally {
  await stage.close();
}
console.log(`${cases.length - failed} of ${cases.length} cases are right`);
process.exitCode = failed > 0 ? 1 : 0;

/** What a case throws is what came of it. */
async function attempt(one: Case, on: Stage): Promise<Outcome> {
  try {
    return await one.attempt(on);
  } catch (error) {
    return { ok: false, came: String(error) };
  }
}
