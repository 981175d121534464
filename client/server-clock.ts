import type { ClientClock } from "./clock.ts";

/**
 * The server's time: what its answers say (`Date`, RFC 9110 §6.6.1), carried on by this page's own measure of time. The
 * device's clock has no part in it.
 */
export function createServerClock(clock: ClientClock) {
  /** From this page's time to the server's (milliseconds). */
  let offset: number | undefined;

  return {
    /** An answer has come. `Date` is cut to seconds, and answers are late: the latest time that was told is nearest. */
    hear({ headers }: Pick<Response, "headers">): void {
      const told = Date.parse(headers.get("date") ?? "") - clock.now();
      if (!Number.isNaN(told)) offset = Math.max(offset ?? told, told);
    },
    /** Whole milliseconds since 1970; undefined before the first answer. */
    now: (): number | undefined => (offset === undefined ? undefined : Math.round(clock.now() + offset)),
  };
}
