import {
  type Problem,
  type ProblemExtras,
  type ProblemKind,
  problems,
  toProblem,
} from "../contract/problem.ts";

/**
 * A refusal that the caller is to understand. Its kind decides the status at each endpoint (`contract/problem.ts`);
 * anything else that is thrown is a fault of ours: logged, and told as an opaque `internal`.
 */
export class DomainError extends Error {
  readonly kind: ProblemKind;
  readonly extras: ProblemExtras;

  constructor(kind: ProblemKind, detail?: string, extras: ProblemExtras = {}) {
    super(detail ?? problems[kind].title);
    this.name = "DomainError";
    this.kind = kind;
    this.extras = detail === undefined ? extras : { detail, ...extras };
  }

  /**
   * No route takes a request: `method-not-allowed` where others are asked for by other methods (RFC 9110 §15.5.6).
   * @param methods by which there is something at its address
   */
  static noRoute(method: string, methods: readonly string[]): DomainError {
    const allow = [...new Set(methods)].sort();
    return allow.length === 0 || allow.includes(method)
      ? new DomainError("not-found", "Nothing is at this address")
      : new DomainError("method-not-allowed", `Only ${allow.join(", ")} may be asked for here`, { allow });
  }

  toProblem(instance?: string): Problem {
    return toProblem(this.kind, instance === undefined ? this.extras : { ...this.extras, instance });
  }
}
