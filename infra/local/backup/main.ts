import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readAwsConfig } from "../../../core/aws/config.ts";
import { prepareDataDir } from "../data-dir.ts";
import { readRunning } from "../running.ts";
import { backUp } from "./back-up.ts";
import { backupUsage, readArguments } from "./command.ts";
import { assertEmbedded } from "./embedded.ts";
import { BackupError } from "./format.ts";
import { createProgress } from "./progress.ts";
import { runCommand } from "./run-command.ts";
import { runningTables, stoppedTables } from "./tables-source.ts";

await runCommand(async (signal) => {
  const call = readArguments(process.argv.slice(2), backupUsage, {});
  if (!call) {
    console.log(backupUsage);
    return 0;
  }
  const dataDir = resolve(process.env.DATA_DIR || ".data");
  const running = await readRunning(dataDir);
  assertEmbedded(running, process.env);
  if (!(await stat(join(dataDir, "dynamodb")).catch(() => undefined)))
    throw new BackupError(`There is no Encore in ${dataDir}; set DATA_DIR to its data folder`);
  const taken = running ? undefined : await prepareDataDir(dataDir);
  try {
    const manifest = await backUp({
      dataDir,
      target: call.path,
      signal,
      ...readAwsConfig(running?.env ?? process.env),
      tables: running ? runningTables(running) : stoppedTables(join(dataDir, "dynamodb")),
      progress: createProgress(process.stderr),
    });
    for (const key of manifest.missing)
      console.error(`${key} is not in the backup: a song names it, and it is not there. See npm run check`);
    console.log(
      `${resolve(call.path)}: ${manifest.files} files, ${(manifest.bytes / 2 ** 20).toFixed(1)} MiB, ${manifest.rows} rows`,
    );
    return 0;
  } finally {
    await taken?.release();
  }
}, process.env);
