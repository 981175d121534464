const baseMs = 500;
const capMs = 30_000;

/**
 * Full jitter: anything from nothing to a ceiling that doubles with each failure, so that many devices that
 * lost the same node do not come back together.
 *
 * @param failures how many tries have failed in a row; 0 after a connection that worked
 * @param random uniform in [0, 1)
 */
export const fullJitter = (failures: number, random: () => number): number =>
  random() * Math.min(capMs, baseMs * 2 ** Math.min(failures, 16));
