import { UsageError } from "../usage-error.ts";
import { signIn } from "./api.ts";
import { type ImportCommand, importUsage, readImportCommand } from "./command.ts";
import { printable } from "./file-names.ts";
import { findMusic } from "./find-files.ts";
import { importFiles } from "./import-files.ts";
import { createReporter, describeSummary } from "./reporter.ts";
import { ApiRefusal, Unavailable, Unreachable } from "./request.ts";

const interrupted = new AbortController();
const interrupt = () => interrupted.abort(new Error("Interrupted; the same command goes on where it was"));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, interrupt);
// Whoever read along has gone, like `head`.
process.stdout.on("error", interrupt);

process.exitCode = await run().catch(explain);

/** @returns the exit code */
async function run(): Promise<number> {
  const command = await readImportCommand(process.argv.slice(2), process.env);
  if (command) return importMusic(command);
  console.log(importUsage);
  return 0;
}

async function importMusic({ paths, as, url, email, password }: ImportCommand): Promise<number> {
  const { signal } = interrupted;
  const files = await findMusic(paths, signal);
  if (files.length === 0) throw new UsageError(`There is no music in ${printable(paths.join(", "))}`);
  const api = await signIn(url, email, password, { signal });
  const reporter = createReporter(process.stdout, files);
  const summary = await importFiles(api, files, { ...as, reporter, signal });
  reporter.stop();
  console.log(describeSummary(summary));
  await api.signOut().catch(() => {});
  if (summary.stopped) throw summary.stopped;
  return summary.failed > 0 ? 1 : 0;
}

function explain(error: unknown): number {
  if (interrupted.signal.aborted) {
    console.error(interrupted.signal.reason.message);
    return 130;
  }
  const known = [ApiRefusal, Unavailable, Unreachable, UsageError];
  const isKnown = known.some((kind) => error instanceof kind);
  console.error(isKnown ? (error as Error).message : error);
  return 2;
}
