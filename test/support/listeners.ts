import { ulid } from "ulid";
import { createAccountStore } from "../../core/aws/account-store.ts";
import type { Database } from "../../core/aws/clients.ts";
import { createSessionStore } from "../../core/aws/session-store.ts";
import type { PlanName, Role } from "../../core/contract/accounts.ts";
import type { TokenSigner } from "../../core/domain/accounts/tokens.ts";
import type { Actor } from "../../core/domain/actor.ts";

export type TestUser = Actor & { readonly token: string };

/** Makes people who are signed in, without the cost of a password. */
export function createListeners(database: Database, signer: TokenSigner) {
  const accounts = createAccountStore(database);
  const sessions = createSessionStore(database);

  const newSession = async (actor: Omit<Actor, "sessionId">): Promise<TestUser> => {
    const sessionId = ulid();
    const now = new Date();
    const inAnHour = Math.floor(now.getTime() / 1000) + 3600;
    await sessions.create({
      sessionId,
      userId: actor.userId,
      email: actor.email,
      deviceName: "Test",
      passwordVersion: 0,
      createdAt: now.toISOString(),
      lastUsedAt: now.toISOString(),
      refreshHash: ulid(),
      endsAt: inAnHour,
      ttl: inAnHour,
    });
    const identity = { ...actor, sessionId };
    return { ...identity, token: signer.sign(identity) };
  };

  return {
    newSession,
    async newUser({ plan = "hifi", role = "listener" }: { plan?: PlanName; role?: Role } = {}) {
      const userId = ulid();
      const email = `${userId.toLowerCase()}@example.com`;
      await accounts.create({
        email,
        userId,
        userName: "Test",
        passwordHash: "none",
        role,
        plan,
        createdAt: new Date().toISOString(),
      });
      return newSession({ userId, email, role });
    },
  };
}
