import type { Static } from "typebox";
import * as Type from "typebox";
import { Id, Revision, Strict, Timestamp } from "../../core/contract/common.ts";
import {
  ChangeId,
  PatchSubscriptionInput,
  PutSubscriptionInput,
  type Subscription,
} from "../../core/contract/subscriptions.ts";

const fields = {
  /** Orders the changes of a browser too (`change-id.ts`). */
  changeId: ChangeId,
  songId: Id,
  at: Timestamp,
  /**
   * On what the change builds: the revision of the subscription that the user saw, null where they saw none, or the
   * outcome of an earlier change that was pending itself.
   */
  base: Type.Union([Revision, Type.Null(), Strict({ after: ChangeId })]),
  /** Where in which history `base` was known; null before there was a list. */
  asOf: Type.Union([Strict({ epoch: Id, revision: Revision }), Type.Null()]),
  /** It may have been sent already: there was no answer yet. */
  tried: Type.Boolean(),
};

/** A change that this browser made and that is not known to be committed yet. Kept between visits, so a schema. */
export const Pending = Type.Union([
  Strict({ ...fields, op: Type.Literal("put"), input: PutSubscriptionInput }),
  Strict({ ...fields, op: Type.Literal("patch"), input: PatchSubscriptionInput }),
  Strict({ ...fields, op: Type.Literal("delete") }),
]);
export type Pending = Readonly<Static<typeof Pending>>;

export type Subscriptions = ReadonlyMap<string, Subscription>;

/** The change of the same song that must be answered before this one can be sent. */
export const predecessorOf = ({ base }: Pending): string | undefined =>
  typeof base === "object" ? base?.after : undefined;

/** What the user sees: what is committed, with their own pending changes laid over in their order. */
export function overlay(committed: Subscriptions, pending: readonly Pending[]): Subscriptions {
  if (pending.length === 0) return committed;
  const seen = new Map(committed);
  for (const change of pending) {
    const next = after(seen.get(change.songId), change);
    if (next) seen.set(change.songId, next);
    else seen.delete(change.songId);
  }
  return seen;
}

/** Whether a song looks as the change wanted it, in what the change says. */
export function hasEffect(change: Pending, now: Subscription | null): boolean {
  if (!now || change.op === "delete") return !now && change.op === "delete";
  const wanted = after(now, change);
  return JSON.stringify(settingsOf(wanted)) === JSON.stringify(settingsOf(now));
}

const settingsOf = (subscription: Subscription | undefined) => [
  subscription?.rating,
  subscription?.tags,
  subscription?.pinned,
];

function after(before: Subscription | undefined, change: Pending): Subscription | undefined {
  if (change.op === "delete") return undefined;
  if (change.op === "put") return put(before, change);
  if (!before) return undefined;
  const { rating, ...input } = change.input;
  const { rating: old, ...rest } = before;
  const rated = rating === null ? undefined : (rating ?? old);
  return { ...rest, ...input, ...(rated === undefined ? {} : { rating: rated }) };
}

const put = (
  before: Subscription | undefined,
  { songId, input, at }: Extract<Pending, { op: "put" }>,
): Subscription => ({
  songId,
  tags: [],
  pinned: false,
  subscribedAt: before?.subscribedAt ?? at,
  revision: before?.revision ?? 0,
  ...input,
});
