import type { Static, TObject, TSchema } from "typebox";
import type { ProblemKind } from "../../core/contract/problem.ts";
import type { Conditions } from "../../core/domain/subscriptions/commit.ts";

/** A group of operations that one Lambda function serves. */
export type Area = "auth" | "catalogue" | "subscriptions" | "uploads" | "covers" | "live" | "ops" | "docs";

/** Who may call: anyone, any signed-in session, or sessions of one role. */
type Access = "public" | "signed-in" | "curator" | "ops";

/**
 * One operation of the REST API. CDK makes an API Gateway route of it, the local gateway mounts it,
 * `lambdas/http` validates by it, and the OpenAPI document is generated from it.
 */
export type Route = {
  readonly area: Area;
  readonly operation: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** In API Gateway's syntax: `/api/songs/{songId}`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** A body may be left out altogether. */
  readonly bodyOptional?: true;
  /** The body is bytes of one of these media types, and not JSON; the use case gets them as `bytes`. */
  readonly bytes?: { readonly contentTypes: readonly string[]; readonly maxBytes: number };
  /** Takes `Idempotency-Key`, `If-Match: "<revision>"` or `*`, and `If-None-Match: *` (as `Conditions`). */
  readonly conditional?: true;
  readonly success: { readonly status: 200 | 201 | 204; readonly schema?: TSchema };
  /** Answered with 202, `Location` and `Retry-After` where the work goes on. */
  readonly accepted?: TSchema;
  /** Refusals of its own, beyond those that every route has. */
  readonly problems?: readonly ProblemKind[];
};

type StaticOf<R, K extends string> = R extends { readonly [P in K]: infer S extends TSchema }
  ? Static<S>
  : object;

/** What an operation's use case gets: path, query and body in one flat object, checked by their schemas. */
export type InputOf<R> = StaticOf<R, "params"> &
  StaticOf<R, "query"> &
  StaticOf<R, "body"> &
  (R extends { bytes: object } ? { readonly bytes: Uint8Array } : object) &
  (R extends { conditional: true } ? Conditions : object);

/** What it answers: the success schema's type, or nothing for 204. */
export type OutputOf<R> = R extends { success: { schema: infer S extends TSchema } } ? Static<S> : undefined;

/** What it answers while the work goes on. */
export type AcceptedOf<R> = R extends { accepted: infer S extends TSchema } ? Static<S> : never;
