import { prepareDataDir } from "../../../infra/local/data-dir.ts";

/** Takes the data folder of the command line, says "taken" or why not, and keeps it until its input ends. */
try {
  await prepareDataDir(process.argv[2] ?? "");
  console.log("taken");
  process.stdin.resume();
} catch (error) {
  console.log((error as Error).message);
}
