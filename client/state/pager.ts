import { isAbort } from "../failure.ts";
import { createStore, type Readable } from "./store.ts";

export type ListPage<T> = { items: T[]; nextCursor?: string };

/** A list that is fetched page by page. `items` of before stay while a new search is under way. */
type Paged<T> = {
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
  /** All pages that are there once more, without a word: what is shown stays until they have come, and if they do not. */
  refresh(): Promise<void>;
  /** What follows the items of now, page by page, for somebody else than this list: undefined after the last. */
  rest(): () => Promise<readonly T[] | undefined>;
};

export function createPager<T, Q>(
  fetchPage: (query: Q, cursor: string | undefined, signal: AbortSignal) => Promise<ListPage<T>>,
): Pager<T, Q> {
  const state = createStore<Paged<T>>({ items: [], status: "idle", more: false });
  let current: AbortController | undefined;
  let query: Q | undefined;
  let cursor: string | undefined;
  let fresh = true;

  function begin(): AbortController {
    current?.abort();
    current = new AbortController();
    return current;
  }

  async function fetchNext(): Promise<void> {
    if (query === undefined) return;
    const mine = begin();
    state.update((last) => ({ items: last.items, more: last.more, status: "loading" }));
    try {
      const page = await fetchPage(query, cursor, mine.signal);
      if (current === mine) append(page);
    } catch (error) {
      if (current === mine && !isAbort(error)) state.update((last) => ({ ...last, status: "failed", error }));
    }
  }

  function append({ items, nextCursor }: ListPage<T>): void {
    const before = fresh ? [] : state.get().items;
    fresh = false;
    cursor = nextCursor;
    state.set({ items: [...before, ...items], status: "ready", more: nextCursor !== undefined });
  }

  async function fetchAll(known: Q, wanted: number, signal: AbortSignal): Promise<ListPage<T>> {
    const items: T[] = [];
    let nextCursor: string | undefined;
    do {
      const page = await fetchPage(known, nextCursor, signal);
      items.push(...page.items);
      nextCursor = page.nextCursor;
    } while (nextCursor !== undefined && items.length < wanted);
    return { items, ...(nextCursor === undefined ? {} : { nextCursor }) };
  }

  async function refresh(): Promise<void> {
    if (query === undefined || state.get().status === "failed") return;
    if (fresh) return fetchNext();
    const mine = begin();
    try {
      const page = await fetchAll(query, state.get().items.length, mine.signal);
      if (current !== mine) return;
      fresh = true;
      append(page);
    } catch {
      if (current === mine) state.update((last) => ({ ...last, status: "ready" }));
    }
  }

  return {
    state,
    refresh,
    restart(next) {
      query = next;
      cursor = undefined;
      fresh = true;
      return fetchNext();
    },
    rest() {
      const [of, signal] = [query, new AbortController().signal];
      let next = cursor;
      return async () => {
        if (of === undefined || next === undefined) return undefined;
        const page = await fetchPage(of, next, signal);
        next = page.nextCursor;
        return page.items;
      };
    },
    async more() {
      const { status, more } = state.get();
      if (status === "failed" || (status === "ready" && more)) await fetchNext();
    },
  };
}
