import { ulid } from "ulid";
import type { Finding } from "./finding.ts";
import type { List, ListRow } from "./library.ts";

/** What is wrong with a list, and the attributes of its head that mend it. */
export type ListFault = {
  readonly finding: Finding;
  readonly headKey: string;
  readonly set: Readonly<Record<string, unknown>>;
};

/**
 * The head counts the songs at its revision, and no row is newer than the head. A row that is comes of a head that was lost:
 * the head takes its revision, in a new epoch, since its next change would not be written over that row.
 */
export function findListFault({ userId, head, rows }: List): ListFault | undefined {
  if (!head || head.item.closed) return undefined;
  const { headRevision, count } = head.item;
  const states = new Map(rows.map((row) => [row.songId, row]));
  const { last } = head.item;
  if (last && (states.get(last.songId)?.revision ?? 0) < last.revision)
    states.set(last.songId, { songId: last.songId, revision: last.revision, removed: last.op === "delete" });
  const actual = [...states.values()].filter(({ removed }) => !removed).length;
  const newest = newestOf(states.values());
  const headKey = head.key;
  if (newest > headRevision)
    return {
      finding: {
        what: `The list of user ${userId} has changes up to ${newest}, and its head is at ${headRevision}`,
      },
      headKey,
      set: {
        headRevision: newest,
        count: actual,
        epoch: ulid(),
        ...(last?.revision !== newest && { last: undefined }),
      },
    };
  if (actual === count) return undefined;
  return {
    finding: { what: `The list of user ${userId} has ${actual} songs, and its head counts ${count}` },
    headKey,
    set: { count: actual },
  };
}

const newestOf = (rows: Iterable<ListRow>): number => {
  let newest = 0;
  for (const { revision } of rows) newest = Math.max(newest, revision);
  return newest;
};
