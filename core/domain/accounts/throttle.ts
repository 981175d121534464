import { createHash } from "node:crypto";
import { DomainError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import { networkOf } from "./address.ts";
import { toSeconds } from "./lifetimes.ts";
import type { CounterStore } from "./ports.ts";

/** So many tries in each window of so many seconds. */
export type Limit = { readonly tries: number; readonly windowSeconds: number };
export type ThrottleLimits = {
  /** Wrong passwords for one account from one network; someone else's tries do not lock the owner out. */
  readonly accountFromNetwork: Limit;
  /** Wrong passwords for one account from anywhere (NIST SP 800-63B §3.2.2: at most 100). */
  readonly account: Limit;
  /** Wrong passwords from one network, whatever the account. */
  readonly network: Limit;
  /** Accounts opened from one network. */
  readonly register: Limit;
};

export const throttleLimits = (scale = 1): ThrottleLimits => ({
  accountFromNetwork: { tries: 10 * scale, windowSeconds: 900 },
  account: { tries: 100 * scale, windowSeconds: 3_600 },
  network: { tries: 100 * scale, windowSeconds: 900 },
  register: { tries: 300 * scale, windowSeconds: 3_600 },
});

export type ThrottleDeps = {
  readonly counters: CounterStore;
  readonly limits: ThrottleLimits;
  readonly clock: Clock;
};

type Budget = { readonly name: string; readonly limit: Limit };

export const signInBudgets = ({ limits }: ThrottleDeps, email: string, address: string): Budget[] => [
  { name: `account-network#${email}#${networkOf(address)}`, limit: limits.accountFromNetwork },
  { name: `account#${email}`, limit: limits.account },
  { name: `network#${networkOf(address)}`, limit: limits.network },
];

export const registerBudgets = ({ limits }: ThrottleDeps, address: string): Budget[] => [
  { name: `register#${networkOf(address)}`, limit: limits.register },
];

/** Takes one try of each budget, and answers how to give them back. @throws DomainError `too-many-requests` */
export async function takeTry(deps: ThrottleDeps, budgets: readonly Budget[]): Promise<() => Promise<void>> {
  const now = toSeconds(deps.clock.now());
  const counters = budgets.map((budget) => ({ ...budget, ...counterOf(budget, now) }));
  const counts = await Promise.all(counters.map(({ key, endsAt }) => deps.counters.add(key, 1, endsAt)));
  const waits = counters
    .filter(({ limit }, i) => (counts[i] ?? 0) > limit.tries)
    .map(({ endsAt }) => endsAt - now);
  if (waits.length > 0)
    throw new DomainError("too-many-requests", undefined, { retryAfterSeconds: Math.max(...waits) });
  return async () => {
    await Promise.all(counters.map(({ key, endsAt }) => deps.counters.add(key, -1, endsAt)));
  };
}

/** Budgets are counted in fixed windows; names are hashed, so that no address is kept. */
function counterOf({ name, limit: { windowSeconds } }: Budget, now: number) {
  const window = Math.floor(now / windowSeconds);
  const key = `${createHash("sha256").update(name).digest("base64url")}#${window}`;
  return { key, endsAt: (window + 1) * windowSeconds };
}
