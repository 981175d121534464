const timeDigits = 9;

/**
 * A name for a change that sorts after those made before it: its time in base 36 (enough until the year 5188), then
 * chance. Where the clock was put back, the time of the last one counts on.
 *
 * @param last the newest name that is still pending
 */
export function changeIdAfter(last: string | undefined, now: number, chance: string): string {
  const before = last === undefined ? 0 : Number.parseInt(last.slice(0, timeDigits), 36);
  const time = Math.max(now, before + 1);
  return `${time.toString(36).padStart(timeDigits, "0")}-${chance}`;
}
