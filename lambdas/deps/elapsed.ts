import type { ElapsedMs } from "../../core/domain/ports.ts";

/** Milliseconds since the process began; nobody sets this clock. */
export const elapsedMs: ElapsedMs = () => performance.now();
