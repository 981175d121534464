import { isAbort, isNotFound } from "../failure.ts";
import { createStore, type Readable } from "./store.ts";

/** Something that is fetched. While it is fetched again, the value of before stays to be shown. */
type Loading<T> =
  | { readonly kind: "idle" }
  | { readonly kind: "loading"; readonly value?: T }
  | { readonly kind: "ready"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown; readonly value?: T };

export type Loader<T, A> = {
  readonly state: Readable<Loading<T>>;
  /** Starts anew; whatever is still under way loses. */
  load(input: A): Promise<void>;
  /**
   * The same once more, without a word: what is shown stays until another value is there, and where it cannot be
   * fetched. Only what is gone fails.
   */
  refresh(): Promise<void>;
  cancel(): void;
};

export function createLoader<T, A = void>(
  fetchValue: (input: A, signal: AbortSignal) => Promise<T>,
): Loader<T, A> {
  const state = createStore<Loading<T>>({ kind: "idle" });
  let current: AbortController | undefined;
  let last: { readonly input: A } | undefined;

  const kept = () => {
    const now = state.get();
    return "value" in now && now.value !== undefined ? { value: now.value } : {};
  };

  async function fetchAgain(input: A, isTold: (error: unknown) => boolean): Promise<void> {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    try {
      const value = await fetchValue(input, mine.signal);
      if (current === mine) state.set({ kind: "ready", value });
    } catch (error) {
      if (current === mine && !isAbort(error) && isTold(error))
        state.set({ kind: "failed", error, ...kept() });
    }
  }

  async function load(input: A): Promise<void> {
    last = { input };
    state.set({ kind: "loading", ...kept() });
    await fetchAgain(input, () => true);
  }

  async function refresh(): Promise<void> {
    if (last) await fetchAgain(last.input, (error) => state.get().kind !== "ready" || isNotFound(error));
  }

  return { state, load, refresh, cancel: () => current?.abort() };
}
