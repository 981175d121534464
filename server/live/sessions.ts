import type { SessionRecord, SessionStore } from "../../core/domain/accounts/ports.ts";
import { createLoader } from "../../core/domain/live/loader.ts";

/** Sessions read one by one where one asks, and many at once where thousands come back together. */
export function createSessionLoader(sessions: Pick<SessionStore, "getMany">): Pick<SessionStore, "get"> {
  const load = createLoader(
    async (sessionIds: readonly string[]) => {
      const found = await sessions.getMany(sessionIds);
      return new Map(found.map((session): [string, SessionRecord] => [session.sessionId, session]));
    },
    { windowMs: 5, maxKeys: 100 },
  );
  return { get: load };
}
