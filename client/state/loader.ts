import { isAbort } from "../failure.ts";
import { createStore, type Readable } from "./store.ts";

/** Something that is fetched. While it is fetched again, the value of before stays to be shown. */
export type Loading<T> =
  | { readonly kind: "idle" }
  | { readonly kind: "loading"; readonly value?: T }
  | { readonly kind: "ready"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown; readonly value?: T };

export type Loader<T, A> = {
  readonly state: Readable<Loading<T>>;
  /** Starts anew; whatever is still under way loses. */
  load(input: A): Promise<void>;
  cancel(): void;
};

export function createLoader<T, A = void>(
  fetchValue: (input: A, signal: AbortSignal) => Promise<T>,
): Loader<T, A> {
  const state = createStore<Loading<T>>({ kind: "idle" });
  let current: AbortController | undefined;

  const kept = () => {
    const last = state.get();
    return "value" in last && last.value !== undefined ? { value: last.value } : {};
  };

  async function load(input: A): Promise<void> {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    state.set({ kind: "loading", ...kept() });
    try {
      const value = await fetchValue(input, mine.signal);
      if (current === mine) state.set({ kind: "ready", value });
    } catch (error) {
      if (current === mine && !isAbort(error)) state.set({ kind: "failed", error, ...kept() });
    }
  }

  return { state, load, cancel: () => current?.abort() };
}
