import { createHash } from "node:crypto";
import { DomainError } from "../errors.ts";
import type { Clock, Log } from "../ports.ts";
import type { CounterStore } from "../shared/counter-store.ts";
import { toSeconds } from "./lifetimes.ts";
import type { ThrottleLimits, TryLimit } from "./throttle-limits.ts";

export type ThrottleDeps = {
  readonly counters: Pick<CounterStore, "take" | "giveBack">;
  readonly limits: ThrottleLimits;
  readonly clock: Clock;
  readonly log: Log;
};

/** What one try is counted against. */
export type Budget = {
  readonly name: string;
  readonly limit: TryLimit;
  /** Which tries it is for; a try that came out otherwise is given back. */
  readonly counts: "wrong" | "right" | "every";
};

/** How a try came out; `dropped` where nothing was looked at. */
type Outcome = "right" | "wrong" | "dropped";

/** One try of each budget, to be settled once. */
export type Try = { settle(outcome: Outcome): Promise<void> };

/**
 * Takes one try of each budget in the order given, and gives back what it took where one of them is used up: what the
 * narrowest refuses does not count against the wider ones, so that nobody uses up for others what he has none of himself.
 * @throws DomainError `too-many-requests`
 */
export async function takeTry(deps: ThrottleDeps, budgets: readonly Budget[]): Promise<Try> {
  const now = toSeconds(deps.clock.now());
  const counters = budgets.map((budget) => ({ ...budget, ...counterOf(budget, now) }));
  const taken: Counter[] = [];
  const giveBack = (some: readonly Counter[]) => giveBackAll(deps, some);
  try {
    for (const counter of counters) {
      const { key, endsAt, limit } = counter;
      if (!(await deps.counters.take(key, limit.tries, endsAt))) throw tooMany(endsAt - now);
      taken.push(counter);
    }
  } catch (error) {
    await giveBack(taken);
    throw error;
  }
  return {
    settle: (outcome) => giveBack(taken.filter((counter) => !countsFor(counter, outcome))),
  };
}

/** A try of which nothing was looked at counts for nothing. */
const countsFor = ({ counts }: Budget, outcome: Outcome): boolean =>
  outcome !== "dropped" && (counts === "every" || counts === outcome);

const tooMany = (retryAfterSeconds: number): DomainError =>
  new DomainError("too-many-requests", `Too many tries; try again in ${inWords(retryAfterSeconds)}`, {
    retryAfterSeconds,
  });

const inWords = (seconds: number): string =>
  seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;

/**
 * Each by itself: one that fails keeps none of the others from being given back, and fails nobody's sign-in. What is not
 * given back counts until its window ends, which is the safe side.
 */
async function giveBackAll({ counters, log }: ThrottleDeps, taken: readonly Counter[]): Promise<void> {
  const results = await Promise.allSettled(taken.map(({ key }) => counters.giveBack(key)));
  for (const result of results)
    if (result.status === "rejected") log.warn({ err: result.reason }, "A try could not be given back");
}

type Counter = Budget & { readonly key: string; readonly endsAt: number };

/** Budgets are counted in fixed windows; names are hashed, so that no address is kept. */
function counterOf({ name, limit: { windowSeconds } }: Budget, now: number) {
  const window = Math.floor(now / windowSeconds);
  const key = `${createHash("sha256").update(name).digest("base64url")}#${window}`;
  return { key, endsAt: (window + 1) * windowSeconds };
}
