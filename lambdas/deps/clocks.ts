import type { Clock, ElapsedMs } from "../../core/domain/ports.ts";

export const systemClock: Clock = { now: () => new Date() };

/** Milliseconds since the process began; nobody sets this clock. */
export const uptimeMs: ElapsedMs = () => performance.now();
