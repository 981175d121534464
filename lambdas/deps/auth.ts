import { ulid } from "ulid";
import { createAccountStore } from "../../core/aws/account-store.ts";
import { createAuditLog } from "../../core/aws/audit-store.ts";
import { createCounterStore } from "../../core/aws/counter-store.ts";
import { createSessionStore } from "../../core/aws/session-store.ts";
import { createSubscriptionCloser } from "../../core/aws/subscription-closer.ts";
import { readThrottleLimits, readTokenConfig } from "../../core/domain/accounts/config.ts";
import { createPasswordHasher } from "../../core/domain/accounts/passwords.ts";
import { createTokenSigner } from "../../core/domain/accounts/tokens.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import { closeAccount } from "../../core/domain/subscriptions/close.ts";
import type { AuthDeps } from "../auth.ts";
import { httpDeps } from "./http.ts";
import { databaseFor } from "./stores.ts";

export function authDeps(env: Environment): AuthDeps {
  const database = databaseFor(env);
  const closer = {
    subscriptions: createSubscriptionCloser(database),
    newId: ulid,
    clock: systemClock,
  };
  return {
    ...httpDeps(env, database),
    accounts: createAccountStore(database),
    sessions: createSessionStore(database),
    counters: createCounterStore(database),
    audit: createAuditLog(database, systemClock),
    passwords: createPasswordHasher(),
    tokens: createTokenSigner(readTokenConfig(env), systemClock),
    limits: readThrottleLimits(env),
    clock: systemClock,
    newId: ulid,
    closeAccount: (userId) => closeAccount(closer, userId),
  };
}
