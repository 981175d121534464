import { inspect } from "node:util";
import type { Environment } from "../../../core/domain/ports.ts";
import { DataDirError } from "../data-dir.ts";
import { TablesError } from "../dynamodb/level/errors.ts";
import { UsageError } from "../usage-error.ts";
import { BackupError } from "./format.ts";

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** Runs a command-line tool: what is known to go wrong is one line, and SIGINT and SIGTERM end it cleanly. */
export async function runCommand(
  run: (signal: AbortSignal) => Promise<number>,
  env: Environment = {},
): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => interrupted.abort(new Error("Interrupted; nothing was changed")));
  process.exitCode = await run(interrupted.signal).catch((error: unknown) => {
    if (interrupted.signal.aborted) {
      tell(interrupted.signal.reason.message);
      return 130;
    }
    const isKnown = [BackupError, DataDirError, TablesError, UsageError].some(
      (known) => error instanceof known,
    );
    tell(isKnown && !env.DEBUG ? (error as Error).message : inspect(error));
    return 2;
  });
}
