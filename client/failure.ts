import type { Problem, ProblemKind } from "../core/contract/problem.ts";

/** Why a call to the API failed: a refusal of the contract, or `offline` when no answer came at all. */
export class ApiFailure extends Error {
  readonly kind: ProblemKind | "offline";
  readonly problem: Problem | undefined;
  /** How long the server wants to be left alone. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: ProblemKind | "offline",
    message: string,
    problem?: Problem,
    retryAfterSeconds = problem?.retryAfterSeconds,
  ) {
    super(message);
    this.name = "ApiFailure";
    this.kind = kind;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const offline = () =>
  new ApiFailure("offline", "Encore cannot be reached. Check your connection and try again.");

/** A change that would have gone over another's later one. */
export const superseded = (problem?: Problem) =>
  new ApiFailure("precondition-failed", "Changed on another device meanwhile; that change stands.", problem);

/** Reads the problem document of a refusal; an answer without one (a proxy's error page) counts as ours. */
export async function toFailure(response: Response): Promise<ApiFailure> {
  const problem = await readProblem(response);
  const wait = retryAfterSeconds(response.headers);
  if (problem) return new ApiFailure(problem.kind, explain(problem), problem, wait);
  if (response.status === 401) return new ApiFailure("not-signed-in", "Sign in first.");
  if (response.status === 404) return new ApiFailure("not-found", "There is no such thing.");
  const text = "Encore is not available just now. Try again in a moment.";
  return new ApiFailure("unavailable", text, undefined, wait);
}

/** `Retry-After` (RFC 9110 §10.2.3): seconds, or a date, which counts from the `Date` of the same answer. */
function retryAfterSeconds(headers: Headers): number | undefined {
  const text = headers.get("retry-after")?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const seconds = (Date.parse(text) - Date.parse(headers.get("date") ?? "")) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** One sentence for the user, whatever was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof ApiFailure ? error.message : "Something went wrong. Try again.";

export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/** Whether the session is gone, so that only signing in again helps. */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof ApiFailure && (error.kind === "not-signed-in" || error.kind === "session-ended");

/** Whether what an address or an id names is not there; an id that the API cannot even read names nothing either. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof ApiFailure && (error.kind === "not-found" || error.kind === "invalid-request");

async function readProblem(response: Response): Promise<Problem | undefined> {
  if (!response.headers.get("content-type")?.includes("json")) return undefined;
  const body: unknown = await response.json().catch(() => undefined);
  return isProblem(body) ? body : undefined;
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === "object" && body !== null && "kind" in body && "title" in body;

const explain = ({ title, detail }: Problem): string => detail ?? `${title}.`;
