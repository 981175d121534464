import type { Change, Subscription, SubscriptionResult } from "../../contract/subscriptions.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import { compareAndSet } from "../shared/compare-and-set.ts";
import { type Head, nextHead } from "./head.ts";
import { requireRoom, requireSong } from "./limits.ts";
import { openHead } from "./open-head.ts";
import { newer } from "./overlay.ts";
import type { SubscriptionDeps, SubscriptionStore } from "./ports.ts";
import { type Draft, isSame } from "./settings.ts";

/** What a change builds on (RFC 9110 §13.1). */
export type Conditions = {
  /** The client's name for the change (`Idempotency-Key`): the same name twice is one change. */
  readonly changeId?: string;
  /** The revision of the subscription, or `*` for any: there is one (`If-Match`). */
  readonly ifMatch?: number | "*";
  /** There is no subscription yet (`If-None-Match: *`). */
  readonly ifNoneMatch?: "*";
};

/** What every change of one subscription takes. */
export type ChangeInput = Conditions & { readonly songId: string };

/** From the song's present state to the wanted one; undefined is: not subscribed. `missing`: nothing to change. */
export type Decide = (current: Subscription | undefined) => Draft | undefined | "missing";

/** Writers of one user race for its head; so many lost races in a row mean that something else is wrong. */
const maxAttempts = 12;

/**
 * Commits one change (docs/architecture.md, "The commit protocol"). The answer's revision is the change's own, or the present one where
 * nothing had to change.
 * @throws DomainError `precondition-failed`, `not-found`, `subscription-limit`, `account-closed`, `unavailable`
 */
export async function commitChange(
  deps: SubscriptionDeps,
  actor: Actor,
  input: ChangeInput,
  decide: Decide,
): Promise<SubscriptionResult> {
  // Even a change that the client did not name has a name, by which a try that got through unnoticed is known.
  const named = { ...input, changeId: input.changeId ?? deps.newId() };
  const result = await compareAndSet(() => tryOnce(deps, actor, named, decide), {
    maxAttempts,
    backoff: deps.backoff,
  });
  if (result) return result;
  throw new DomainError("unavailable", "Too many changes at the same time", { retryAfterSeconds: 1 });
}

/** Answers nothing where another writer was faster. */
async function tryOnce(
  deps: SubscriptionDeps,
  actor: Actor,
  { songId, changeId, ...conditions }: ChangeInput & { readonly changeId: string },
  decide: Decide,
): Promise<SubscriptionResult | undefined> {
  const head = await openHead(deps, actor.userId);
  const current = (await readAndRedo(deps.subscriptions, head, songId))?.subscription;
  if (head.changeIds.includes(changeId)) return answer(head, current);
  const wanted = decide(current);
  // A change that seems to have been made already succeeds, whatever its condition (RFC 9110 §13.1.1).
  if (wanted !== "missing" && isSame(current, wanted)) return answer(head, current);
  // What would be refused without a condition is refused for that, whatever the condition (RFC 9110 §13.2.1).
  if (wanted !== "missing" && !current) await requireSong(deps.songs, songId);
  requireMatch(conditions, current);
  if (wanted === "missing") throw new DomainError("not-found", "You do not subscribe to this song");
  if (!current) await requireRoom(deps.accounts, actor, head.count);
  const change = changeTo(wanted, songId, head.headRevision + 1);
  const after = nextHead(head, change, changeId, Number(!!wanted) - Number(!!current));
  if (!(await deps.subscriptions.commit(after))) return undefined;
  await writeRow(deps.subscriptions, actor.userId, change);
  return answer(after, change.subscription);
}

/** The song's newest change. The row of the head's own change is written first if its writer did not. */
async function readAndRedo(
  store: SubscriptionStore,
  { userId, last }: Head,
  songId: string,
): Promise<Change | undefined> {
  const others = last && last.songId !== songId ? [last.songId] : [];
  const rows = new Map((await store.songs(userId, [songId, ...others])).map((row) => [row.songId, row]));
  if (!last) return rows.get(songId);
  const newest = newer(rows.get(last.songId), last);
  if (newest === last) await store.writeSong(userId, last);
  return last.songId === songId ? newest : rows.get(songId);
}

/** The change is committed already. Where its row cannot be written, readers overlay it and the next writer mends it. */
const writeRow = (store: SubscriptionStore, userId: string, change: Change): Promise<void> =>
  store.writeSong(userId, change).catch(() => undefined);

function requireMatch({ ifMatch, ifNoneMatch }: Conditions, current: Subscription | undefined): void {
  const matches = ifMatch === undefined || (ifMatch === "*" ? current : ifMatch === current?.revision);
  if (matches && !(ifNoneMatch && current)) return;
  const now = current ? `It is at revision ${current.revision}` : "There is no such subscription";
  throw new DomainError("precondition-failed", now);
}

const changeTo = (wanted: Draft | undefined, songId: string, revision: number): Change =>
  wanted
    ? { revision, op: "put", songId, subscription: { ...wanted, revision } }
    : { revision, op: "delete", songId };

const answer = (head: Head, subscription: Subscription | undefined): SubscriptionResult => ({
  epoch: head.epoch,
  revision: head.headRevision,
  subscription: subscription ?? null,
});
