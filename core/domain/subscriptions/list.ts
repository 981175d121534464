import type { Static } from "typebox";
import * as Type from "typebox";
import { Id, Revision, Strict } from "../../contract/common.ts";
import type {
  Change,
  Subscription,
  SubscriptionPage,
  SubscriptionQuery,
} from "../../contract/subscriptions.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import { decodeCursor, encodeCursor, type ListScope } from "../shared/cursor.ts";
import type { Head } from "./head.ts";
import { openHead } from "./open-head.ts";
import { overlayByRevision, overlayBySong } from "./overlay.ts";
import type { SubscriptionReaderDeps, SubscriptionStore } from "./ports.ts";
import { renewIfProven } from "./renew-epoch.ts";

/**
 * Where a list goes on, and the revision that all its pages carry: that of the head at the first page. Rows are
 * read after the head, so a page may hold something newer; devices take that (`replica.ts`).
 */
const labels = { epoch: Id, revision: Revision };
const ItemsPosition = Strict({ ...labels, after: Type.Union([Id, Type.Literal("")]) });
const ChangesPosition = Strict({ ...labels, since: Revision });
const Position = Type.Union([ItemsPosition, ChangesPosition]);
type Position = Static<typeof Position>;

const defaultLimit = 200;
/** One row more tells whether there is another page; small pages still skip many tombstones at once. */
const rowsFetched = (limit: number): number => Math.max(limit + 1, 100);

/**
 * The subscriptions by song id, or what changed after a usable `since` (not above the head's revision, and of
 * its epoch where one is given).
 * @throws DomainError `invalid-cursor`, `account-closed`
 */
export async function listSubscriptions(
  deps: SubscriptionReaderDeps,
  actor: Actor,
  query: SubscriptionQuery,
): Promise<SubscriptionPage> {
  const found = await openHead(deps, actor.userId);
  const head = query.cursor === undefined ? await renewIfProven(deps, found, query) : found;
  const position = query.cursor === undefined ? start(head, query) : goOn(head, query);
  const limit = query.limit ?? defaultLimit;
  return "after" in position
    ? itemsPage(deps.subscriptions, head, position, limit)
    : changesPage(deps.subscriptions, head, position, limit);
}

function start({ epoch, headRevision: revision }: Head, query: SubscriptionQuery): Position {
  const { since } = query;
  const usable = since !== undefined && since <= revision && (query.epoch ?? epoch) === epoch;
  return usable ? { epoch, revision, since } : { epoch, revision, after: "" };
}

function goOn(head: Head, query: SubscriptionQuery): Position {
  const position = decodeCursor(Position, scopeOf(head), query.cursor ?? "");
  if (position.epoch !== head.epoch || position.revision > head.headRevision)
    throw new DomainError("invalid-cursor", "The list was restored since; start again without a cursor");
  return position;
}

async function itemsPage(
  store: SubscriptionStore,
  head: Head,
  position: Static<typeof ItemsPosition>,
  limit: number,
): Promise<SubscriptionPage> {
  const { userId, last } = head;
  const rows = store.songsAfter(userId, position.after, rowsFetched(limit));
  const [items, next] = await take(subscribed(overlayBySong(rows, last, position.after)), limit);
  return { ...labelsOf(position), items, ...nextCursor(head, next && { ...position, after: next.songId }) };
}

async function changesPage(
  store: SubscriptionStore,
  head: Head,
  position: Static<typeof ChangesPosition>,
  limit: number,
): Promise<SubscriptionPage> {
  const { userId, headRevision, last } = head;
  const { since } = position;
  const rows = since < headRevision ? store.changesSince(userId, since, rowsFetched(limit)) : none();
  const [changes, next] = await take(overlayByRevision(rows, last, since), limit);
  return {
    ...labelsOf(position),
    changes,
    ...nextCursor(head, next && { ...position, since: next.revision }),
  };
}

/** The first rows, and the last of them where more follow. */
async function take<T>(rows: AsyncIterable<T>, limit: number): Promise<[T[], T | undefined]> {
  const taken: T[] = [];
  for await (const row of rows) {
    if (taken.length === limit) return [taken, taken.at(-1)];
    taken.push(row);
  }
  return [taken, undefined];
}

async function* subscribed(rows: AsyncIterable<Change>): AsyncGenerator<Subscription> {
  for await (const { subscription } of rows) if (subscription) yield subscription;
}

async function* none(): AsyncGenerator<never> {}

const labelsOf = ({ epoch, revision }: Position) => ({ epoch, revision });
const nextCursor = (head: Head, position: Position | undefined) =>
  position && { nextCursor: encodeCursor(scopeOf(head), position) };

/** A cursor knows where its list began, so `since` and `epoch` may be left out beside it. */
const scopeOf = ({ userId }: Head): ListScope => ["subscriptions", userId];
