import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Subscription } from "../../../../core/contract/subscriptions.ts";
import {
  applyChanges,
  applyResult,
  applySnapshot,
  emptyReplica,
  type Replica,
} from "../../../../core/domain/subscriptions/replica.ts";
import { changeOf, type History, histories, listAt, rowsAt } from "../../../support/history.ts";
import { seeded } from "../../../support/property.ts";

const epoch = "epoch-1";
/** A point of the history as a fraction of its length, so that it fits any length. */
const point = fc.integer({ min: 0, max: 60 }).map((sixtieths) => sixtieths / 60);
const at = (history: History, fraction: number): number => Math.round(fraction * history.length);
const songOf = (history: History, index: number): string => history[index % history.length]?.songId ?? "b";

/** What may reach a device, in any order and number. Rows are read at `read`, which is not before `label`. */
const events = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("push" as const), a: point }),
    fc.record({ kind: fc.constant("coalesced" as const), a: point, b: point }),
    fc.record({ kind: fc.constant("resume" as const), label: point, read: point }),
    fc.record({
      kind: fc.constant("snapshot" as const),
      label: point,
      read: fc.array(point, { minLength: 4 }),
    }),
    fc.record({ kind: fc.constant("result" as const), a: point, song: fc.nat(20) }),
  ),
  { maxLength: 30 },
);
type Event = (typeof events extends fc.Arbitrary<infer T> ? T : never) extends (infer E)[] ? E : never;

describe("a device's replica", () => {
  it("ends equal whatever reaches it in whatever order, once it resumes", () => {
    fc.assert(
      fc.property(histories(12), events, (history, happened) => {
        let replica: Replica = emptyReplica;
        for (const event of happened) {
          const before = replica;
          replica = deliver(history, replica, event);
          expectNothingGoesBack(before, replica);
          expectNothingOlder(history, replica);
        }
        expect(sorted(resumed(history, replica))).toEqual(listAt(history, history.length));
      }),
      seeded("replica", 3_000),
    );
  });

  it("keeps what it has where a message does not continue it", () => {
    const replica = withSong(3);
    const gap = applyChanges(replica, { from: 4, to: 5, changes: [changeOf(5, "b", 1)] });
    const old = applyChanges(replica, { from: 2, to: 3, changes: [changeOf(3, "b", 1)] });
    expect([gap.outcome, old.outcome]).toEqual(["gap", "ignored"]);
    expect(gap.replica).toBe(replica);
    expect(old.replica).toBe(replica);
  });

  it("asks for the list before it has one", () => {
    expect(applyChanges(emptyReplica, { from: 0, to: 1, changes: [] }).outcome).toBe("gap");
  });

  it("does not bring a song back that was removed later than the message tells", () => {
    const removed = applyChanges(withSong(3), { from: 3, to: 4, changes: [changeOf(6, "b", null)] }).replica;
    const late = applyChanges(removed, { from: 4, to: 5, changes: [changeOf(5, "b", 2)] });
    expect(late).toMatchObject({ outcome: "applied", replica: { revision: 5 } });
    expect(late.replica.subscriptions.size).toBe(0);
  });

  it("forgets a removal once its revision is reached", () => {
    const removed = applyChanges(withSong(3), { from: 3, to: 4, changes: [changeOf(4, "b", null)] }).replica;
    expect(removed.removed.size).toBe(0);
  });

  it("starts over from a list of another epoch, even one with lower revisions", () => {
    const { replica, outcome } = applySnapshot(withSong(3), { epoch: "epoch-2", revision: 1, items: [] });
    expect(outcome).toBe("applied");
    expect(replica).toEqual({ epoch: "epoch-2", revision: 1, subscriptions: new Map(), removed: new Map() });
  });

  it("ignores a list that is not newer", () => {
    const replica = withSong(3);
    expect(applySnapshot(replica, { epoch, revision: 3, items: [] })).toEqual({
      replica,
      outcome: "ignored",
    });
  });

  it("takes the answer to its own change without moving on", () => {
    const { subscription = null } = changeOf(5, "c", 4);
    const { replica } = applyResult(withSong(3), "c", { epoch, revision: 5, subscription });
    expect(replica.revision).toBe(3);
    expect([...replica.subscriptions.keys()]).toEqual(["b", "c"]);
  });

  it("refuses an answer of another epoch", () => {
    const replica = withSong(3);
    const answer = { epoch: "epoch-2", revision: 9, subscription: null };
    expect(applyResult(replica, "b", answer)).toEqual({ replica, outcome: "gap" });
  });
});

const withSong = (revision: number): Replica => {
  const { subscription } = changeOf(revision, "b", 3);
  const items = subscription ? [subscription] : [];
  return applySnapshot(emptyReplica, { epoch, revision, items }).replica;
};

function deliver(history: History, replica: Replica, event: Event): Replica {
  switch (event.kind) {
    case "push": {
      const to = at(history, event.a);
      return applyChanges(replica, { from: to - 1, to, changes: history.slice(to - 1, to) }).replica;
    }
    case "coalesced": {
      const [from, to] = [at(history, event.a), at(history, event.b)].sort((a, b) => a - b) as [
        number,
        number,
      ];
      return applyChanges(replica, { from, to, changes: history.slice(from, to) }).replica;
    }
    case "resume": {
      const [label, read] = [at(history, event.label), at(history, event.read)].sort((a, b) => a - b) as [
        number,
        number,
      ];
      const from = replica.revision ?? 0;
      const changes = [...rowsAt(history, read).values()].filter(({ revision }) => revision > from);
      return label < from ? replica : applyChanges(replica, { from, to: label, changes }).replica;
    }
    case "snapshot":
      return applySnapshot(replica, snapshotOf(history, at(history, event.label), event.read)).replica;
    case "result": {
      const [revision, songId] = [at(history, event.a), songOf(history, event.song)];
      const subscription = rowsAt(history, revision).get(songId)?.subscription ?? null;
      return applyResult(replica, songId, { epoch, revision, subscription }).replica;
    }
  }
}

/** Every row is read at a time of its own, not before the head. */
function snapshotOf(history: History, label: number, reads: readonly number[]) {
  const songs = [...new Set(history.map(({ songId }) => songId))];
  const items = songs.flatMap((songId, index): Subscription[] => {
    const read = Math.max(label, at(history, reads[index] ?? 0));
    const { subscription } = rowsAt(history, read).get(songId) ?? {};
    return subscription ? [subscription] : [];
  });
  return { epoch, revision: label, items };
}

/** At the end the device says what it has, and gets what is missing or the list. */
function resumed(history: History, replica: Replica): Replica {
  const to = history.length;
  if (replica.revision === null)
    return applySnapshot(replica, { epoch, revision: to, items: listAt(history, to) }).replica;
  const from = replica.revision;
  const changes = [...rowsAt(history, to).values()].filter(({ revision }) => revision > from);
  return applyChanges(replica, { from, to, changes }).replica;
}

function expectNothingGoesBack(before: Replica, after: Replica): void {
  expect(after.revision ?? 0).toBeGreaterThanOrEqual(before.revision ?? 0);
  for (const [songId, { revision }] of after.subscriptions)
    expect(revision).toBeGreaterThanOrEqual(before.subscriptions.get(songId)?.revision ?? 0);
}

/** Of every song the device shows a state that it had at the replica's revision or later. */
function expectNothingOlder(history: History, { revision, subscriptions }: Replica): void {
  if (revision === null) return;
  for (const songId of new Set(history.map((change) => change.songId))) {
    const states = [revision, ...history.map((change) => change.revision).filter((r) => r > revision)].map(
      (r) => rowsAt(history, r).get(songId)?.subscription,
    );
    expect(states).toContainEqual(subscriptions.get(songId));
  }
}

const sorted = ({ subscriptions }: Replica): Subscription[] =>
  [...subscriptions.values()].sort((a, b) => (a.songId < b.songId ? -1 : 1));
