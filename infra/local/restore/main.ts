import { resolve } from "node:path";
import { readArguments, restoreUsage } from "../backup/command.ts";
import { assertEmbedded } from "../backup/embedded.ts";
import { createProgress } from "../backup/progress.ts";
import { restore } from "../backup/restore.ts";
import { runCommand } from "../backup/run-command.ts";
import { prepareDataDir } from "../data-dir.ts";

await runCommand(async (signal) => {
  const call = readArguments(process.argv.slice(2), restoreUsage, {
    replace: { type: "boolean" },
    "end-sessions": { type: "boolean" },
  });
  if (!call) {
    console.log(restoreUsage);
    return 0;
  }
  assertEmbedded(undefined, process.env);
  const dataDir = resolve(process.env.DATA_DIR || ".data");
  const taken = await prepareDataDir(dataDir);
  try {
    const { manifest, replaced } = await restore({
      backup: call.path,
      dataDir,
      signal,
      replace: call.values.replace === true,
      endSessions: call.values["end-sessions"] === true,
      progress: createProgress(process.stderr),
    });
    if (replaced) console.log(`What was there is in ${replaced}`);
    for (const key of manifest.missing) console.error(`${key} was not in the backup; see npm run check`);
    console.log(`${dataDir} is as it was at ${manifest.takenAt}; start Encore`);
    return 0;
  } finally {
    await taken.release();
  }
}, process.env);
