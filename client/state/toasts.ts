import type { ClientClock } from "../clock.ts";
import { createStore, type Readable } from "./store.ts";

export type Toast = {
  readonly id: number;
  readonly text: string;
  readonly tone: "info" | "problem";
  readonly action?: { readonly label: string; readonly run: () => void };
};

export type Toasts = {
  readonly items: Readable<readonly Toast[]>;
  show(text: string, options?: Partial<Pick<Toast, "tone" | "action">>): void;
  dismiss(id: number): void;
};

const shownForMs = 6_000;
/** What offers an action stays long enough to be reached by keyboard. */
const actionShownForMs = 15_000;
const atMost = 3;

/** Short messages that need no answer; the same text is never shown twice at once. */
export function createToasts(clock: ClientClock): Toasts {
  const items = createStore<readonly Toast[]>([]);
  let lastId = 0;
  const dismiss = (id: number) => items.update((list) => list.filter((toast) => toast.id !== id));

  function show(text: string, options: Partial<Pick<Toast, "tone" | "action">> = {}): void {
    lastId += 1;
    const toast: Toast = { id: lastId, text, tone: "info", ...options };
    items.update((list) => [...list.filter((other) => other.text !== text), toast].slice(-atMost));
    clock.after(toast.action ? actionShownForMs : shownForMs, () => dismiss(toast.id));
  }

  return { items, show, dismiss };
}
