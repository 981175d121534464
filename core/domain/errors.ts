import {
  type Problem,
  type ProblemExtras,
  type ProblemKind,
  problems,
  toProblem,
} from "../contract/problem.ts";

/**
 * A refusal that the caller is to understand. Its kind decides the status at every door (`contract/problem.ts`);
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

  toProblem(instance?: string): Problem {
    return toProblem(this.kind, instance === undefined ? this.extras : { ...this.extras, instance });
  }
}
