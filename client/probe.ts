import { type ClientClock, deadline } from "./clock.ts";
import { type ApiFailure, isSignedOut, offline, toFailure } from "./failure.ts";
import { answerWithinMs } from "./http.ts";

/** Why audio failed: not for a reason of the server's, no connection, or a refusal that says why. */
export type Verdict =
  | { readonly kind: "fine" }
  | { readonly kind: "offline" }
  | { readonly kind: "refused"; readonly error: ApiFailure };

export type Probe = (url: string) => Promise<Verdict>;

/** A media element tells nothing of the answer it got; asking for the first byte does. */
export const createProbe = (deps: {
  fetch: typeof fetch;
  clock: ClientClock;
  currentCookie: () => number | undefined;
  renew: (cookie: number | undefined) => Promise<void>;
}): Probe => {
  async function ask(url: string): Promise<ApiFailure | undefined> {
    const headers = { range: "bytes=0-0" };
    const { signal, cancel } = deadline(deps.clock, answerWithinMs);
    const options: RequestInit = { headers, credentials: "same-origin", redirect: "manual", signal };
    const response = await deps.fetch(url, options).catch(() => undefined);
    cancel();
    if (!response) return offline();
    // Sent on to the store: nothing here refuses it, and the store's page may not be read by this one.
    if (response.type === "opaqueredirect") return undefined;
    if (!response.ok) return toFailure(response);
    await response.body?.cancel();
    return undefined;
  }

  return async (url) => {
    const cookie = deps.currentCookie();
    let failure = await ask(url);
    if (failure && isSignedOut(failure)) {
      await deps.renew(cookie).catch(() => {});
      failure = await ask(url);
    }
    if (!failure) return { kind: "fine" };
    return failure.kind === "offline" ? { kind: "offline" } : { kind: "refused", error: failure };
  };
};
