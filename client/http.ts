import { type ApiFailure, isAbort, isSignedOut, offline, toFailure } from "./failure.ts";

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

/**
 * JSON over fetch. A refusal becomes an `ApiFailure`; no answer becomes its kind `offline`. After a 401 the
 * session is renewed (`renew`, shared by all callers) and the call repeated once.
 *
 * @param signedOut told when the session turns out to be over
 */
export function createHttp(deps: {
  fetch: typeof fetch;
  now: () => number;
  renew: (since: number) => Promise<void>;
  signedOut: () => void;
}): Http {
  return async <T>(path: string, call: Call = {}): Promise<T> => {
    const startedAt = deps.now();
    const first = await send(deps.fetch, path, call);
    if (first.ok) return read<T>(first);
    const failure = await toFailure(first);
    if (!mayRenew(path, failure)) throw failure;
    await deps.renew(startedAt).catch((error: unknown) => {
      if (isSignedOut(error)) deps.signedOut();
      throw error;
    });
    const second = await send(deps.fetch, path, call);
    if (second.ok) return read<T>(second);
    throw await toFailure(second);
  };
}

/** A call that is never repeated: what renews the session must not try to renew it. */
export const callOnce = async <T>(fetchFn: typeof fetch, path: string, call: Call): Promise<T> => {
  const response = await send(fetchFn, path, call);
  if (!response.ok) throw await toFailure(response);
  return read<T>(response);
};

const mayRenew = (path: string, failure: ApiFailure): boolean =>
  isSignedOut(failure) && !path.startsWith("/api/auth/");

async function send(fetchFn: typeof fetch, path: string, call: Call): Promise<Response> {
  try {
    return await fetchFn(withQuery(path, call.query), toInit(call));
  } catch (error) {
    if (isAbort(error)) throw error;
    throw offline();
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
  const { method = "GET", body, signal } = call;
  return {
    method,
    headers: toHeaders(call),
    credentials: "same-origin",
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  };
}

function withQuery(path: string, query: Call["query"] = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== "") params.set(name, String(value));
  return params.size ? `${path}?${params}` : path;
}
