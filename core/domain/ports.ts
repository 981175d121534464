/** Time as the domain sees it, so that tests can turn the hands. */
export type Clock = { now(): Date };

/**
 * Milliseconds since some moment, by a clock that never goes back and that nobody sets: for durations, leases and limits
 * of time. Differences alone mean something, and only within one process.
 */
export type ElapsedMs = () => number;

/** Structured logging; fields hold no token, cookie, ticket or e-mail address (docs/architecture.md, "Security"). */
export type Log = {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
};

/** A process's environment, as entry points hand it on. */
export type Environment = Readonly<Record<string, string | undefined>>;
