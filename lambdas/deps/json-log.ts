import type { Log } from "../../core/domain/ports.ts";

/** One JSON line a message, which CloudWatch Logs can search. */
export const jsonLog: Log = {
  info: (fields, message) => write("info", fields, message),
  warn: (fields, message) => write("warn", fields, message),
  error: (fields, message) => write("error", fields, message),
};

function write(level: string, { err, ...fields }: Record<string, unknown>, message: string): void {
  const error = err instanceof Error ? { name: err.name, message: err.message, stack: err.stack } : err;
  process.stdout.write(
    `${JSON.stringify({ level, message, ...fields, ...(err !== undefined && { error }) })}\n`,
  );
}
