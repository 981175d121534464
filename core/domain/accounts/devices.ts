import type { Session } from "../../contract/accounts.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import type { SessionStore } from "./ports.ts";
import { isAlive } from "./sessions.ts";

type DevicesDeps = { readonly sessions: SessionStore; readonly clock: Clock };

/** The account's signed-in devices, the one used last first. */
export async function listSessions(
  { sessions, clock }: DevicesDeps,
  { userId, sessionId: current }: Actor,
): Promise<{ items: Session[] }> {
  const ids = new Set([...(await sessions.idsOfUser(userId)), current]);
  const found = await sessions.getMany([...ids]);
  const items = found
    .filter((session) => isAlive(session, clock.now()))
    .sort((a, b) => b.lastUsedAt.localeCompare(a.lastUsedAt))
    .map(({ sessionId, deviceName, createdAt, lastUsedAt }) => ({
      sessionId,
      deviceName,
      createdAt,
      lastUsedAt,
      current: sessionId === current,
    }));
  return { items };
}

/** Signs one of the account's devices out. @throws DomainError `not-found`, also for someone else's session */
export async function endSession(
  { sessions, clock }: DevicesDeps,
  { userId }: Actor,
  { sessionId }: { readonly sessionId: string },
): Promise<void> {
  const session = await sessions.get(sessionId);
  if (!session || session.userId !== userId || !isAlive(session, clock.now()))
    throw new DomainError("not-found", "No such device is signed in");
  await sessions.delete(sessionId);
}
