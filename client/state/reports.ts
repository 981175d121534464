import type { Song } from "../../core/contract/catalogue.ts";
import { ApiFailure, messageOf } from "../failure.ts";
import type { Router } from "./router.ts";
import type { Toasts } from "./toasts.ts";

/** Tells failures; where a better plan would help, shows the way. */
export function createReports({ toasts, router }: { toasts: Toasts; router: Router }) {
  const seePlans = { label: "See plans", run: () => router.navigate("/account") };

  /** @param about comes before the reason */
  function report(error: unknown, about = ""): void {
    const action = needsPlan(error) ? { action: seePlans } : {};
    toasts.show(`${about}${messageOf(error)}`, { tone: "problem", ...action });
  }

  return {
    report,
    unplayable: ({ title }: Song, error: unknown) => report(error, `“${title}” cannot be played. `),
    /** @param song undefined where the library has it no more */
    refusedChange: (song: Song | undefined, error: unknown) => report(error, song && `“${song.title}”: `),
  };
}

const needsPlan = (error: unknown): boolean =>
  error instanceof ApiFailure && error.problem?.requiredPlan !== undefined;
