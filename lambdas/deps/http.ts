import { createAccountStore } from "../../core/aws/account-store.ts";
import type { Database } from "../../core/aws/clients.ts";
import { createSessionStore } from "../../core/aws/session-store.ts";
import { authenticate } from "../../core/domain/accounts/authentication.ts";
import { readPublicKeys, readThrottleLimits, readWebConfig } from "../../core/domain/accounts/config.ts";
import { createRateLimiter } from "../../core/domain/accounts/rate-limiter.ts";
import { createTokenVerifier } from "../../core/domain/accounts/tokens.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import type { HttpDeps } from "../http/handler.ts";
import { elapsedMs } from "./elapsed.ts";
import { jsonLog } from "./json-log.ts";

/** What every REST function needs; functions other than sign-in know the public keys only. */
export function httpDeps(env: Environment, database: Database): HttpDeps {
  const session = {
    accounts: createAccountStore(database),
    sessions: createSessionStore(database),
    tokens: createTokenVerifier(readPublicKeys(env), systemClock),
    clock: systemClock,
  };
  const { user, stranger } = readThrottleLimits(env);
  return {
    ...readWebConfig(env),
    authenticate: (accessToken) => authenticate(session, accessToken),
    rates: { user: createRateLimiter(user, elapsedMs), stranger: createRateLimiter(stranger, elapsedMs) },
    log: jsonLog,
  };
}
