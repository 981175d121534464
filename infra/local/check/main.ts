import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readAwsConfig } from "../../../core/aws/config.ts";
import { assertEmbedded } from "../backup/embedded.ts";
import { BackupError } from "../backup/format.ts";
import { createProgress } from "../backup/progress.ts";
import { runCommand } from "../backup/run-command.ts";
import { prepareDataDir } from "../data-dir.ts";
import { readRunning } from "../running.ts";
import { UsageError } from "../usage-error.ts";
import { check } from "./check.ts";
import { describeFinding } from "./finding.ts";

const usage = `Usage: npm run check -- [--repair]

Verifies the data folder (DATA_DIR, .data by default): tables, objects, and whether they agree. Encore must not run.

  --repair  mends what can be mended, and says what cannot
  --help    this text

Exit code: 0 nothing is wrong; 1 something is, or was and is mended; 2 it could not run; 130 interrupted.`;

await runCommand(async (signal) => {
  const { repair = false, help } = readOptions();
  if (help) {
    console.log(usage);
    return 0;
  }
  const path = resolve(process.env.DATA_DIR || ".data");
  if (await readRunning(path))
    throw new BackupError(`Encore runs on ${path}; stop it first, so that nothing changes meanwhile`);
  assertEmbedded(undefined, process.env);
  if (!(await stat(join(path, "dynamodb")).catch(() => undefined)))
    throw new BackupError(`There is no Encore in ${path}; set DATA_DIR to its data folder`);
  const dataDir = await prepareDataDir(path);
  const progress = createProgress(process.stderr);
  try {
    const { findings, songs, lists, objects } = await check({
      dataDir,
      repair,
      signal,
      ...readAwsConfig(process.env),
      onStep: (step) => progress.begin(step),
      onObject: () => progress.add(1),
    }).finally(progress.end);
    for (const finding of findings) console.log(describeFinding(finding));
    const open = findings.filter(({ mended }) => mended === undefined).length;
    console.log(
      `${songs} songs, ${lists} lists and ${objects} whole objects: ${findings.length} found, ${findings.length - open} mended`,
    );
    return findings.length > 0 ? 1 : 0;
  } finally {
    await dataDir.release();
  }
});

function readOptions() {
  try {
    return parseArgs({ options: { repair: { type: "boolean" }, help: { type: "boolean", short: "h" } } })
      .values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}
