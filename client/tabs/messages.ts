import type { ClientMessage, ServerMessage } from "../../core/contract/live.ts";
import type { Problem, ProblemKind } from "../../core/contract/problem.ts";
import type { Replica } from "../../core/domain/subscriptions/replica.ts";
import { ApiFailure } from "../failure.ts";
import type { LiveState } from "../live/state.ts";
import type { SendOutcome } from "../state/sender.ts";

/** Counts the versions of these messages: pages of different versions do not understand, so they do not meet. */
export const tabsVersion = 1;

type Position = { readonly epoch: string | null; readonly revision: number | null };

/** What any tab tells all others. */
export type Note =
  | { readonly kind: "settled"; readonly outcome: SendOutcome }
  /** This tab begins to play; the others stop. */
  | { readonly kind: "plays" };

/** From a tab that follows to the one that leads. */
export type FollowerMessage =
  /** Answered by `all`. */
  | ({ readonly type: "join" } & Position)
  | { readonly type: "wake" }
  | { readonly type: "send"; readonly message: ClientMessage };

/** From the tab that leads to all that follow. */
export type LeaderMessage =
  | { readonly type: "state"; readonly state: LiveState }
  /** A message of the server; `epoch` is of the history that its revisions count in. */
  | { readonly type: "told"; readonly message: ServerMessage; readonly epoch: string | null }
  /** Everything that a tab needs to be in step; `replica` is left out where it has it. */
  | {
      readonly type: "all";
      readonly state: LiveState;
      readonly replica?: Replica;
      readonly told: readonly ServerMessage[];
    };

export type TabMessage =
  | FollowerMessage
  | LeaderMessage
  | { readonly type: "note"; readonly note: Plain<Note> };

/** An error that was cloned into another tab is no `ApiFailure` any more: it travels as what it is made of. */
type PlainError = {
  readonly kind: ProblemKind | "offline";
  readonly message: string;
  readonly problem?: Problem | undefined;
};
type Plain<N> = N extends { kind: "settled" } ? { kind: "settled"; outcome: PlainOutcome } : N;
type PlainOutcome =
  | Extract<SendOutcome, { kind: "done" }>
  | (Omit<Extract<SendOutcome, { kind: "refused" }>, "error"> & { readonly error: PlainError | null });

export function pack(note: Note): Plain<Note> {
  if (note.kind !== "settled" || note.outcome.kind === "done") return note as Plain<Note>;
  const { error } = note.outcome;
  const plain =
    error instanceof ApiFailure ? { kind: error.kind, message: error.message, problem: error.problem } : null;
  return { kind: "settled", outcome: { ...note.outcome, error: plain } };
}

export function unpack(note: Plain<Note>): Note {
  if (note.kind !== "settled" || note.outcome.kind === "done") return note as Note;
  const { error } = note.outcome;
  const failure = error && new ApiFailure(error.kind, error.message, error.problem);
  return { kind: "settled", outcome: { ...note.outcome, error: failure } };
}
