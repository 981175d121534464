import { setTimeout as wait } from "node:timers/promises";
import type { Problem, ProblemKind } from "../../../core/contract/problem.ts";
import type { Bytes } from "../../../core/domain/uploads/ports.ts";

/** What Encore refused, in its own words. */
export class ApiRefusal extends Error {
  readonly kind: ProblemKind;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.kind = problem.kind;
  }
}

/** Encore does not answer: no other file would fare better. */
export class Unreachable extends Error {}

/** Encore, or a proxy before it, said for as long as one waits that it cannot answer just now. */
export class Unavailable extends Error {}

/** Refusals that every other file would meet as well. */
const fatal: readonly ProblemKind[] = ["not-signed-in", "session-ended", "not-allowed", "upload-quota"];

/** Whether no other file would fare better. */
export const endsImport = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof ApiRefusal && fatal.includes(error.kind));

export type ImportCall = {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** A body that is no JSON. */
  readonly bytes?: Bytes;
  readonly token?: string;
};

export type Answer<T> = {
  readonly status: number;
  readonly body: T;
  readonly retryAfterMs: number | undefined;
};

export type RequestOptions = {
  readonly url: string;
  readonly signal?: AbortSignal;
  /** How often to call where no answer comes, or one that says "not now"; the waits between double (ms). */
  readonly tries?: number;
  readonly firstWaitMs?: number;
  /** Whether to wait where nothing answers at all: Encore was there, and comes back. True by default. */
  readonly waitsForStart?: boolean;
};

/** An answer that takes longer does not come (ms): Encore's own come within half a minute. */
const timeoutMs = 60_000;
/** The same behind as many bytes as a call may have, at half a megabit a second. */
const timeoutWithBytesMs = 140_000;
const longestWaitMs = 15_000;
/** Bad gateway, service unavailable, gateway timeout: said by proxies too, and not for long. */
const passing = new Set([502, 503, 504]);

/** Those, and "too many requests" where it says that it is over soon. */
const isPassing = (answer: Response): boolean =>
  passing.has(answer.status) ||
  (answer.status === 429 && (retryAfterMsOf(answer) ?? Number.POSITIVE_INFINITY) <= longestWaitMs);

/**
 * One call of Encore's REST API. What passes by itself is waited for: each call can be made twice.
 * @throws ApiRefusal, Unreachable, Unavailable; the signal's reason when it is aborted
 */
export async function request<T>(options: RequestOptions, call: ImportCall): Promise<Answer<T>> {
  const { url, signal, tries = 8, firstWaitMs = 250, waitsForStart = true } = options;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await send(url, call, signal).catch((error: Error) => error);
    signal?.throwIfAborted();
    if (!(outcome instanceof Error || isPassing(outcome))) return read<T>(outcome, url);
    const isLast = attempt >= tries || (outcome instanceof Error && !waitsForStart);
    if (isLast) throw await whyNot(outcome, url);
    const asked = outcome instanceof Error ? undefined : retryAfterMsOf(outcome);
    if (outcome instanceof Response) await outcome.body?.cancel();
    const waitMs = Math.min(Math.max(asked ?? 0, firstWaitMs * 2 ** (attempt - 1)), longestWaitMs);
    await wait(waitMs, undefined, signal && { signal }).catch(() => {});
    signal?.throwIfAborted();
  }
}

function send(
  url: string,
  { method, path, body, bytes, token }: ImportCall,
  signal?: AbortSignal,
): Promise<Response> {
  const timeout = AbortSignal.timeout(bytes ? timeoutWithBytesMs : timeoutMs);
  return fetch(new URL(path, url), {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(bytes && { "content-type": bytes.contentType }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(bytes && { body: new Uint8Array(bytes.bytes) }),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  });
}

async function read<T>(answer: Response, url: string): Promise<Answer<T>> {
  const text = await answer.text();
  if (answer.ok) {
    const body = (text === "" ? undefined : JSON.parse(text)) as T;
    return { status: answer.status, body, retryAfterMs: retryAfterMsOf(answer) };
  }
  if (isProblem(answer)) throw new ApiRefusal(JSON.parse(text) as Problem);
  if (answer.status >= 500) throw new Unavailable(`Encore failed (${answer.status}); its log says why`);
  throw new Unreachable(
    `What answers at ${url} is not Encore (${answer.status}); set ENCORE_URL to its address`,
  );
}

async function whyNot(outcome: Response | Error, url: string): Promise<Error> {
  if (outcome instanceof Error)
    return new Unreachable(
      `Encore does not answer at ${url} (${reasonOf(outcome)}); start it with "npm start"`,
    );
  if (isProblem(outcome)) return new Unavailable(new ApiRefusal((await outcome.json()) as Problem).message);
  await outcome.body?.cancel();
  return new Unavailable(
    `Encore cannot be reached through ${url} just now (${outcome.status}); try again later`,
  );
}

const isProblem = ({ headers }: Response): boolean =>
  headers.get("content-type")?.startsWith("application/problem+json") ?? false;

/** `Retry-After` in seconds; a date is not waited for. */
function retryAfterMsOf({ headers }: Response): number | undefined {
  const seconds = headers.get("retry-after");
  return seconds !== null && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

const reasonOf = ({ message, cause }: Error): string =>
  cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : message;
