import { isAbort } from "../failure.ts";
import { createStore, type Readable } from "./store.ts";

export type Page<T> = { items: T[]; nextCursor?: string };

/** A list that is fetched page by page. `items` of before stay while a new search is under way. */
export type Paged<T> = {
  readonly items: readonly T[];
  readonly status: "idle" | "loading" | "ready" | "failed";
  readonly more: boolean;
  readonly error?: unknown;
};

export type Pager<T, Q> = {
  readonly state: Readable<Paged<T>>;
  /** Starts from the top with another query; what is still under way loses. */
  restart(query: Q): Promise<void>;
  /** The next page, or the failed one again. */
  more(): Promise<void>;
};

export function createPager<T, Q>(
  fetchPage: (query: Q, cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
): Pager<T, Q> {
  const state = createStore<Paged<T>>({ items: [], status: "idle", more: false });
  let current: AbortController | undefined;
  let query: Q | undefined;
  let cursor: string | undefined;
  let fresh = true;

  async function fetchNext(): Promise<void> {
    if (query === undefined) return;
    current?.abort();
    const mine = new AbortController();
    current = mine;
    state.update((last) => ({ items: last.items, more: last.more, status: "loading" }));
    try {
      const page = await fetchPage(query, cursor, mine.signal);
      if (current === mine) append(page);
    } catch (error) {
      if (current === mine && !isAbort(error)) state.update((last) => ({ ...last, status: "failed", error }));
    }
  }

  function append({ items, nextCursor }: Page<T>): void {
    const before = fresh ? [] : state.get().items;
    fresh = false;
    cursor = nextCursor;
    state.set({ items: [...before, ...items], status: "ready", more: nextCursor !== undefined });
  }

  return {
    state,
    restart(next) {
      query = next;
      cursor = undefined;
      fresh = true;
      return fetchNext();
    },
    async more() {
      const { status, more } = state.get();
      if (status === "failed" || (status === "ready" && more)) await fetchNext();
    },
  };
}
