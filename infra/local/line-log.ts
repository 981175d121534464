import type { Log } from "../../core/domain/ports.ts";

/** One JSON line a message on standard error, for parts that are started without a log of their own. */
export const lineLog: Log = {
  info: (fields, message) => write("info", fields, message),
  warn: (fields, message) => write("warn", fields, message),
  error: (fields, message) => write("error", fields, message),
};

function write(level: string, { err, ...fields }: Record<string, unknown>, message: string): void {
  const error = err instanceof Error ? { name: err.name, message: err.message } : err;
  process.stderr.write(
    `${JSON.stringify({ level, message, ...fields, ...(err !== undefined && { error }) })}\n`,
  );
}
