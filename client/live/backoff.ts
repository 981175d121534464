import { fullJitter } from "../../core/domain/shared/jitter.ts";

const ceiling = { baseMs: 500, capMs: 30_000 };

/**
 * How long to wait before a server is called again (milliseconds), with full jitter.
 *
 * @param failures how many tries have failed in a row; 0 after a connection that worked
 * @param random uniform in [0, 1)
 */
export const reconnectDelayMs = (failures: number, random: () => number): number =>
  fullJitter(ceiling, failures, random);
