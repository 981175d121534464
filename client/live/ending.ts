import type { Ended } from "./connection.ts";

/** Why a client does not come back. `unsupported`: the server says that this client is too old, or wrong for it. */
export type FinalReason = "session-ended" | "unsupported";

const endOfSession: readonly string[] = ["session-ended", "kicked"];

/**
 * Tells why a client must not come back after a connection has ended, by the range of the close code (docs/live.md, rule
 * 33), so that codes of newer servers are understood too.
 * @returns undefined where the client comes back
 */
export function finalReasonOf({ code, bye }: Pick<Ended, "code" | "bye">): FinalReason | undefined {
  if (bye && endOfSession.includes(bye.reason)) return "session-ended";
  if (code >= 4000 && code <= 4007) return "session-ended";
  return code >= 4500 && code <= 4999 ? "unsupported" : undefined;
}
