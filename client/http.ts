import { type ClientClock, deadline, pause } from "./clock.ts";
import { ApiFailure, isSignedOut, offline, toFailure } from "./failure.ts";
import { askedMs, isBusy, retryDelayMs } from "./retry.ts";

export type Call = {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** The client's own name for this change, so that a resend after a lost answer is no second change. */
  idempotencyKey?: string;
  /** The revision that the change builds on; or that there is nothing yet. */
  ifMatch?: number;
  ifNoneMatch?: "*";
  signal?: AbortSignal | undefined;
};

export type Http = <T>(path: string, call?: Call) => Promise<T>;

/** What a call goes by. */
export type Wire = { fetch: typeof fetch; clock: ClientClock };

/** An answer that has not come whole by then does not come: a dead network says nothing (milliseconds). */
export const answerWithinMs = 20_000;

/** So often what only reads is asked for. */
const maxTries = 4;
/** A server that wants to be left alone for longer is told to the user, who may try again (milliseconds). */
const maxWaitMs = 10_000;

/**
 * JSON over fetch. A refusal becomes an `ApiFailure`; no answer, and half of one, becomes its kind `offline`. After a
 * 401 the session is renewed (`renew`, shared by all callers) and the call repeated once. A server that can do nothing
 * just now is asked again where the call only reads.
 *
 * @param currentCookie names the access cookie that calls send now
 * @param renew makes another of it, unless another counts already
 * @param signedOut told when the session turns out to be over
 */
export function createHttp(
  deps: Wire & {
    random: () => number;
    currentCookie: () => number | undefined;
    renew: (cookie: number | undefined) => Promise<void>;
    signedOut: () => void;
  },
): Http {
  async function callSignedIn<T>(path: string, call: Call): Promise<T> {
    const cookie = deps.currentCookie();
    try {
      return await callOnce<T>(deps, path, call);
    } catch (error) {
      if (!mayRenew(path, error)) throw error;
    }
    await deps.renew(cookie).catch((error: unknown) => {
      if (isSignedOut(error)) deps.signedOut();
      throw error;
    });
    return callOnce<T>(deps, path, call);
  }

  return async <T>(path: string, call: Call = {}): Promise<T> => {
    const { method = "GET", signal = new AbortController().signal } = call;
    for (let failures = 1; ; failures += 1) {
      try {
        return await callSignedIn<T>(path, call);
      } catch (error) {
        const helps = method === "GET" && isBusy(error) && askedMs(error) <= maxWaitMs;
        if (!helps || failures === maxTries) throw error;
        await pause(deps.clock, retryDelayMs(error, failures, deps.random), signal);
      }
      signal.throwIfAborted();
    }
  };
}

const mayRenew = (path: string, error: unknown): boolean =>
  isSignedOut(error) && !path.startsWith("/api/auth/");

/** A call that is never repeated: what renews the session must not try to renew it. */
export async function callOnce<T>({ fetch, clock }: Wire, path: string, call: Call): Promise<T> {
  const late = deadline(clock, answerWithinMs);
  const signal = AbortSignal.any([late.signal, ...(call.signal ? [call.signal] : [])]);
  try {
    const response = await fetch(withQuery(path, call.query), { ...toInit(call), signal });
    if (!response.ok) throw await toFailure(response);
    return await read<T>(response);
  } catch (error) {
    if (error instanceof ApiFailure || call.signal?.aborted) throw error;
    throw offline();
  } finally {
    late.cancel();
  }
}

const read = async <T>(response: Response): Promise<T> =>
  (response.status === 204 ? undefined : await response.json()) as T;

function toHeaders({ body, idempotencyKey, ifMatch, ifNoneMatch }: Call): Headers {
  const headers = new Headers({ accept: "application/json" });
  if (body !== undefined) headers.set("content-type", "application/json");
  if (idempotencyKey !== undefined) headers.set("idempotency-key", idempotencyKey);
  if (ifMatch !== undefined) headers.set("if-match", `"${ifMatch}"`);
  if (ifNoneMatch !== undefined) headers.set("if-none-match", ifNoneMatch);
  return headers;
}

function toInit(call: Call): RequestInit {
  const { method = "GET", body } = call;
  return {
    method,
    headers: toHeaders(call),
    credentials: "same-origin",
    body: body === undefined ? null : JSON.stringify(body),
  };
}

function withQuery(path: string, query: Call["query"] = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== "") params.set(name, String(value));
  return params.size ? `${path}?${params}` : path;
}
