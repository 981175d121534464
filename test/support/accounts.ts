import { randomUUID } from "node:crypto";
import { ulid } from "ulid";
import { createAccountStore } from "../../core/aws/account-store.ts";
import { createAuditLog } from "../../core/aws/audit-store.ts";
import { createDatabase, type Database } from "../../core/aws/clients.ts";
import { createCounterStore } from "../../core/aws/counter-store.ts";
import { createSessionStore } from "../../core/aws/session-store.ts";
import { createSubscriptionCloser } from "../../core/aws/subscription-closer.ts";
import { createTicketStore } from "../../core/aws/ticket-store.ts";
import type { AccountsDeps } from "../../core/domain/accounts/deps.ts";
import { createPasswordHasher } from "../../core/domain/accounts/passwords.ts";
import type { Account, TicketStore } from "../../core/domain/accounts/ports.ts";
import { createAccount } from "../../core/domain/accounts/register.ts";
import { openSession } from "../../core/domain/accounts/sessions.ts";
import { throttleLimits } from "../../core/domain/accounts/throttle-limits.ts";
import { createTokenSigner, generateTokenKeys, type TokenKeys } from "../../core/domain/accounts/tokens.ts";
import type { Actor } from "../../core/domain/actor.ts";
import type { Clock } from "../../core/domain/ports.ts";
import { closeAccount } from "../../core/domain/subscriptions/close.ts";
import type { TestAws } from "./engines.ts";

/** The real work at a cost that tests can pay. */
export const fastScrypt = { ln: 4, r: 8, p: 1 } as const;

export const testDatabase = (aws: TestAws): Database =>
  createDatabase(aws.tablePrefix, {
    endpoint: aws.dynamodbEndpoint,
    region: aws.region,
    credentials: aws.credentials,
  });

/** A clock whose hands a test turns. */
export type TestClock = Clock & { advance(seconds: number): void };
export function createTestClock(start = new Date()): TestClock {
  let now = start.getTime();
  return {
    now: () => new Date(now),
    advance: (seconds) => {
      now += seconds * 1000;
    },
  };
}

export type TestAccountsDeps = AccountsDeps & { readonly tickets: TicketStore };

/** Accounts on a real engine. Pass `keys` where another process is to know the tokens. */
export function createAccountsDeps(
  database: Database,
  { clock = { now: () => new Date() }, keys = generateTokenKeys() }: { clock?: Clock; keys?: TokenKeys } = {},
): TestAccountsDeps {
  const closer = { subscriptions: createSubscriptionCloser(database), newId: ulid, clock };
  return {
    accounts: createAccountStore(database),
    sessions: createSessionStore(database),
    tickets: createTicketStore(database),
    counters: createCounterStore(database),
    audit: createAuditLog(database, clock),
    passwords: createPasswordHasher(fastScrypt),
    tokens: createTokenSigner(keys, clock),
    limits: throttleLimits(),
    clock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    newId: ulid,
    closeAccount: (userId) => closeAccount(closer, userId),
  };
}

export type SignedUp = {
  readonly account: Account;
  readonly actor: Actor;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
};

/** A new account of any role and plan, signed in on one device. */
export async function signUp(
  deps: AccountsDeps,
  wanted: Partial<Pick<Account, "email" | "userName" | "role" | "plan">> & {
    readonly password?: string;
  } = {},
): Promise<SignedUp> {
  const email = `${randomUUID()}@example.com`;
  const password = `battery-staple-${randomUUID()}`;
  const account = await createAccount(deps, { email, password, userName: "Test listener", ...wanted });
  return { ...(await signIn(deps, account)), password: wanted.password ?? password };
}

/** One more device of an account. */
async function signIn(deps: AccountsDeps, account: Account): Promise<Omit<SignedUp, "password">> {
  const { accessToken, refreshToken } = await openSession(deps, account, "Test device");
  const actor: Actor = { ...deps.tokens.verify(accessToken), role: account.role };
  return { account, actor, accessToken, refreshToken };
}
