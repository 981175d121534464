import type { Change } from "../../contract/subscriptions.ts";

/**
 * A writer may have stopped between the head and the song's row. So whoever reads rows lays the head's `last`,
 * read before them, over them.
 */
export const newer = (row: Change | undefined, last: Change | undefined): Change | undefined =>
  row && last ? (row.revision < last.revision ? last : row) : (row ?? last);

/** Rows by song id after `after`, with `last` where it belongs among them. */
export async function* overlayBySong(
  rows: AsyncIterable<Change>,
  last: Change | undefined,
  after: string,
): AsyncGenerator<Change> {
  let pending = last && last.songId > after ? last : undefined;
  for await (const row of rows) {
    if (pending && pending.songId < row.songId) {
      yield pending;
      pending = undefined;
    }
    const overlaid = pending?.songId === row.songId;
    yield overlaid && pending && pending.revision > row.revision ? pending : row;
    if (overlaid) pending = undefined;
  }
  if (pending) yield pending;
}

/** Rows by revision above `since`, with `last` instead of an older row of its song. */
export async function* overlayByRevision(
  rows: AsyncIterable<Change>,
  last: Change | undefined,
  since: number,
): AsyncGenerator<Change> {
  let pending = last && last.revision > since ? last : undefined;
  for await (const row of rows) {
    if (row.songId !== pending?.songId) yield row;
    else if (row.revision >= pending.revision) {
      pending = undefined;
      yield row;
    }
  }
  if (pending) yield pending;
}
