import type { Static } from "typebox";
import * as Type from "typebox";
import { Cursor, Id, Patch, Revision, Strict, Timestamp } from "./common.ts";
import { Text } from "./text.ts";

/** In code points. */
export const maxTagLength = 40;
export const Tag = Text(maxTagLength);

const settings = {
  rating: Type.Integer({ minimum: 1, maximum: 5 }),
  tags: Type.Array(Tag, { maxItems: 20, uniqueItems: true }),
  pinned: Type.Boolean(),
};

/** One song that a user subscribes to, with what they noted about it. */
export const Subscription = Strict({
  songId: Id,
  rating: Type.Optional(settings.rating),
  tags: Type.Array(Type.String()),
  pinned: settings.pinned,
  subscribedAt: Timestamp,
  revision: Revision,
});
export type Subscription = Static<typeof Subscription>;

/** PUT sets all of it: what is left out gets its default (no rating, no tags, not pinned). */
export const PutSubscriptionInput = Type.Partial(Strict(settings), { additionalProperties: false });
export type PutSubscriptionInput = Static<typeof PutSubscriptionInput>;

/** PATCH sets only what is named; `rating: null` takes the rating away. */
export const PatchSubscriptionInput = Patch(
  Strict({ ...settings, rating: Type.Union([settings.rating, Type.Null()]) }),
);
export type PatchSubscriptionInput = Static<typeof PatchSubscriptionInput>;

/** One committed change, as every device applies it. `subscription` is there for `put`. */
export const Change = Strict({
  revision: Type.Integer({ minimum: 1 }),
  op: Type.Union([Type.Literal("put"), Type.Literal("delete")]),
  songId: Id,
  subscription: Type.Optional(Subscription),
});
export type Change = Static<typeof Change>;

export const SubscriptionQuery = Strict({
  since: Type.Optional(Revision),
  epoch: Type.Optional(Id),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  cursor: Type.Optional(Cursor),
});
export type SubscriptionQuery = Static<typeof SubscriptionQuery>;

const position = { epoch: Id, revision: Revision, nextCursor: Type.Optional(Cursor) };

/** `items`: the whole list. `changes`: what is newer than a usable `since`. */
export const SubscriptionPage = Type.Union([
  Strict({ ...position, items: Type.Array(Subscription) }),
  Strict({ ...position, changes: Type.Array(Change) }),
]);
export type SubscriptionPage = Static<typeof SubscriptionPage>;

/** `subscription` is null after a removal. */
export const SubscriptionResult = Strict({
  epoch: Id,
  revision: Revision,
  subscription: Type.Union([Subscription, Type.Null()]),
});
export type SubscriptionResult = Static<typeof SubscriptionResult>;

/** The client's own name for a change: the same name twice is one change. */
export const ChangeId = Type.String({ minLength: 8, maxLength: 64, pattern: "^[\\x21-\\x7e]+$" });
