import fc from "fast-check";
import type { Change, Subscription } from "../../core/contract/subscriptions.ts";

/** A user's committed changes as a model: the oracle of the properties about subscriptions. */
export type History = readonly Change[];

/** Any history of a few songs, one of them with a name that plain objects choke on. */
export const histories = (maxLength: number): fc.Arbitrary<History> =>
  fc
    .array(
      fc.record({
        songId: fc.constantFrom("__proto__", "b", "c", "d"),
        rating: fc.option(fc.integer({ min: 1, max: 5 })),
      }),
      { maxLength },
    )
    .map((steps) => steps.map(({ songId, rating }, index) => changeOf(index + 1, songId, rating)));

/** @param rating null is a removal */
export const changeOf = (revision: number, songId: string, rating: number | null): Change =>
  rating === null
    ? { revision, op: "delete", songId }
    : { revision, op: "put", songId, subscription: subscriptionOf(revision, songId, rating) };

const subscriptionOf = (revision: number, songId: string, rating: number): Subscription => ({
  songId,
  rating,
  tags: [],
  pinned: false,
  subscribedAt: "2026-01-01T00:00:00.000Z",
  revision,
});

/** Each song's newest change at a revision: the rows of the table. */
export const rowsAt = (history: History, revision: number): Map<string, Change> =>
  new Map(history.slice(0, revision).map((change) => [change.songId, change]));

/** The list at a revision, by song id. */
export const listAt = (history: History, revision: number): Subscription[] =>
  [...rowsAt(history, revision).values()]
    .flatMap(({ subscription }) => subscription ?? [])
    .sort((a, b) => (a.songId < b.songId ? -1 : 1));
