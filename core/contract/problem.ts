import type { Static } from "typebox";
import * as Type from "typebox";

/**
 * Every kind of refusal, with the HTTP status it gets: the one table that REST and both live endpoints use (RFC 9457).
 * A problem's `type` is `/problems/<kind>`; it is stable, so clients may switch on it.
 */
export const problems = {
  "invalid-request": { status: 400, title: "The request is not valid" },
  "invalid-cursor": { status: 400, title: "The cursor is not one that this list gave" },
  "not-signed-in": { status: 401, title: "Sign in first" },
  "wrong-credentials": { status: 401, title: "The e-mail address or the password is wrong" },
  "session-ended": { status: 401, title: "This session has ended; sign in again" },
  "origin-not-allowed": { status: 403, title: "Requests from this origin are not allowed" },
  "not-allowed": { status: 403, title: "Your role does not allow this" },
  "plan-required": { status: 403, title: "Your plan does not include this" },
  "subscription-limit": { status: 403, title: "Your plan's number of subscriptions is reached" },
  "too-many-devices": { status: 403, title: "As many devices as your plan allows are playing already" },
  "upload-quota": { status: 403, title: "Your upload quota is used up" },
  "not-found": { status: 404, title: "There is no such thing" },
  "method-not-allowed": { status: 405, title: "This method is not allowed here" },
  "email-taken": { status: 409, title: "An account with this e-mail address exists" },
  "account-closed": { status: 409, title: "This account is being deleted" },
  conflict: { status: 409, title: "Someone else changed this at the same time" },
  "precondition-failed": { status: 412, title: "It has changed since you read it" },
  "too-large": { status: 413, title: "The request is too large" },
  "unsupported-media-type": { status: 415, title: "The body is not of a media type that is taken here" },
  "range-not-satisfiable": { status: 416, title: "The range lies outside of the object" },
  "bad-audio": { status: 422, title: "The file is not music that Encore can play" },
  "bad-picture": { status: 422, title: "The file is not a picture that Encore can show" },
  "weak-password": { status: 422, title: "Choose another password" },
  "too-many-connections": { status: 429, title: "Your account has as many connections as it may have" },
  "too-many-requests": { status: 429, title: "Too many tries; wait a little" },
  internal: { status: 500, title: "Something went wrong on our side" },
  unavailable: { status: 503, title: "Encore is not available just now; try again" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemKind = keyof typeof problems;

const kinds = Object.keys(problems) as ProblemKind[];

/** RFC 9457 problem details as Encore sends them (`application/problem+json`). */
export const Problem = Type.Object(
  {
    type: Type.String({ description: "`/problems/<kind>`: stable, one per kind of refusal" }),
    kind: Type.Enum(kinds),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.Optional(Type.String({ description: "What is wrong and what to do about it" })),
    instance: Type.Optional(Type.String({ description: "The request's id, to be told to support" })),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
        description: "For `invalid-request`: each place that is wrong",
      }),
    ),
    requiredPlan: Type.Optional(Type.String({ description: "The cheapest plan that would allow it" })),
    playingOn: Type.Optional(
      Type.Array(Type.String(), { description: "For `too-many-devices`: the devices that are playing" }),
    ),
    retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
    allow: Type.Optional(
      Type.Array(Type.String(), { description: "For `method-not-allowed`: the methods that are" }),
    ),
  },
  { $id: "Problem" },
);
export type Problem = Static<typeof Problem>;

/** What a refusal may tell besides its kind. */
export type ProblemExtras = Partial<
  Pick<
    Problem,
    "detail" | "instance" | "errors" | "requiredPlan" | "playingOn" | "retryAfterSeconds" | "allow"
  >
>;

export function toProblem(kind: ProblemKind, extras: ProblemExtras = {}): Problem {
  return { type: `/problems/${kind}`, kind, ...problems[kind], ...extras };
}

/** What goes beside a problem document: RFC 9457 §3, RFC 9110 §10.2.1 (`Allow`), §10.2.3 (`Retry-After`) and §11.6.1 (how to sign in). */
export const problemHeaders = ({ status, retryAfterSeconds, allow }: Problem): Record<string, string> => ({
  "content-type": "application/problem+json; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
  ...(allow && { allow: allow.join(", ") }),
  ...(status === 401 && { "www-authenticate": 'Bearer realm="encore"' }),
});
