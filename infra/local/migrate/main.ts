import { parseArgs } from "node:util";
import { migrateSongs } from "../../../core/aws/migrate-songs.ts";
import { databaseFor } from "../../../lambdas/deps/stores.ts";
import { createProgress } from "../backup/progress.ts";
import { runCommand } from "../backup/run-command.ts";
import { reachTables } from "../grant/tables.ts";
import { UsageError } from "../usage-error.ts";

const usage = `Usage: npm run migrate

Brings the songs of an earlier Encore to the version of this one: the ids of albums and artists follow from their names
by today's rules. Songs, subscriptions and all else stay as they are. Encore may run; npm start does this by itself.
What is interrupted goes on at the next run.

DATA_DIR                    the data folder of the Encore that is meant (.data)
AWS_ENDPOINT_URL_DYNAMODB   the tables, where they are not in that folder

Exit code: 0 all songs are of this version; 2 it could not run; 130 interrupted.`;

await runCommand(async (signal) => {
  if (readOptions().help) {
    console.log(usage);
    return 0;
  }
  const { env, close } = await reachTables(process.env);
  const progress = createProgress(process.stderr);
  try {
    progress.begin("Reading the songs");
    const written = await migrateSongs(databaseFor(env), { signal, onSong: () => progress.add(1) });
    progress.end();
    console.log(`Songs that were brought from an earlier version to this one: ${written}`);
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.end();
    console.error("Interrupted; run it again for the rest");
    return 130;
  } finally {
    progress.end();
    await close();
  }
}, process.env);

function readOptions() {
  try {
    return parseArgs({ options: { help: { type: "boolean", short: "h" } } }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}
