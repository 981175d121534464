import { checkEnvironment } from "./environment.ts";
import { describeOpenFiles, readOpenFilesLimit, requireOpenFiles } from "./open-files.ts";
import type { Encore } from "./start.ts";
import { explainStartError } from "./start-errors.ts";
import { onStopRequest } from "./stop-signals.ts";

/** Where no account is there by itself. */
const ownerLines = ["Register in the player; to make an account an operator's: npm run grant -- EMAIL ops"];

const stopping = new AbortController();
let encore: Encore | undefined;

await onStopRequest((reason, again) => {
  if (again) process.exit(1);
  stopping.abort(new Error(`Stopped by ${reason}`));
  encore?.close().then(() => process.exit(0), failToStop);
}, process.env);

try {
  checkEnvironment(process.env);
  const openFiles = await readOpenFilesLimit();
  requireOpenFiles(openFiles);
  // Only here, since it loads for a second: what cannot be used is told at once.
  const { startEncore } = await import("./start.ts");
  encore = await startEncore({
    env: process.env,
    onDemoTrack: tellTrack,
    onSongMigrated: tellMigrated,
    signal: stopping.signal,
    ...(process.env.DEMO_TRACKS && { demoTracks: Number(process.env.DEMO_TRACKS) }),
  });
  if (!stopping.signal.aborted) welcome(encore, describeOpenFiles(openFiles));
  else await encore.close().then(() => process.exit(0), failToStop);
} catch (error) {
  if (stopping.signal.aborted) process.exit(0);
  failToStart(error);
}

/** The first start makes the demo library; a terminal shows it on one line. */
function tellTrack(done: number, total: number, title: string): void {
  const line = `Making the demo library: ${done} of ${total} (${title})`;
  if (!process.stdout.isTTY) console.log(line);
  else process.stdout.write(`\r\x1b[K${line}${done === total ? "\n" : ""}`);
}

/** A start after an update. */
function tellMigrated(done: number): void {
  const line = `Bringing songs of an earlier Encore to this version: ${done}`;
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}`);
  else if (done % 1_000 === 0) console.log(line);
}

function welcome(
  { url, managementUrl, demoAccounts, warnings }: Encore,
  filesWarning: string | undefined,
): void {
  const lines = [
    "",
    `Encore plays at ${url}`,
    "",
    ...(demoAccounts.length > 0 ? ["Demo accounts, for this machine alone:"] : ownerLines),
    ...demoAccounts.map((account) => `  ${account}`),
    "",
    `API reference  ${url}/docs`,
    `Metrics        ${managementUrl}/metrics`,
    "",
    ...[...warnings, ...(filesWarning ? [filesWarning] : [])].flatMap((line) => [`Warning: ${line}`, ""]),
    "Ctrl-C stops it.",
    "",
  ];
  console.log(lines.join("\n"));
}

/** One line that says what to do; DEBUG=1 shows where it happened, too. */
function failToStart(error: unknown): never {
  const line = explainStartError(error, process.env.DATA_DIR || ".data");
  console.error(process.env.DEBUG ? error : `Encore cannot start: ${line}`);
  process.exit(1);
}

/** What was acknowledged is on disk whatever hangs, so nothing is lost by not waiting for it. */
function failToStop(error: Error): never {
  console.error(process.env.DEBUG ? error : `Encore was stopped by force: ${error.message}`);
  process.exit(1);
}
