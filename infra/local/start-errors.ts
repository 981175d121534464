import { isOutOfSpace, outOfSpace } from "./data-dir.ts";

/** Why a start failed, in one line that says what to do. */
export function explainStartError(error: unknown, dataDir: string): string {
  const codes = causes(error).map((cause) => (cause as NodeJS.ErrnoException).code);
  if (causes(error).some(isOutOfSpace)) return outOfSpace(dataDir).message;
  if (codes.includes("EMFILE") || codes.includes("ENFILE"))
    return 'this process may not open as many files as it needs; raise the limit, like "ulimit -n 65536"';
  if (codes.includes("LEVEL_LOCKED"))
    return `another program has the tables in ${dataDir} open; stop it, or set DATA_DIR to another folder`;
  return firstLine(error);
}

/** An error and what caused it, and what caused that. */
function causes(error: unknown): unknown[] {
  const { cause } = Object(error) as { cause?: unknown };
  return cause === undefined ? [error] : [error, ...causes(cause)];
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message || error.name : String(error)).split("\n")[0] ?? "";
