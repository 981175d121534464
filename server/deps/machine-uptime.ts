import { uptime } from "node:os";
import type { ElapsedMs } from "../../core/domain/ports.ts";

/** Goes on while a machine sleeps, as the clocks of those who judge its lease do; resolves 10 ms. */
export const machineUptimeMs: ElapsedMs = () => uptime() * 1000;
