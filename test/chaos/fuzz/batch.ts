import { frame } from "../../support/websocket-frames.ts";
import type { Conversation } from "./conversation.ts";
import type { Dice } from "./dice.ts";
import type { EndpointRules } from "./oracle.ts";
import { type Stimulus, stimulus } from "./stimuli.ts";
import { count, listed, type Tally } from "./tally.ts";

export type Batch = {
  readonly stimuli: readonly Stimulus[];
  /** Whether a `hello` will have been answered. */
  readonly introduced: boolean;
  /** Whether the last of them ends the connection. */
  readonly last: boolean;
};

/** Stimuli up to a bound, or to the first that ends the connection. */
export function makeBatch(dice: Dice, rules: EndpointRules, before: boolean): Batch {
  const stimuli: Stimulus[] = [];
  let introduced = before;
  for (let left = dice.between(1, 30); left > 0; left--) {
    const next = stimulus(dice, rules, introduced);
    stimuli.push(next);
    if (next.due && "end" in next.due) return { stimuli, introduced, last: true };
    introduced ||= next.due?.answer === "welcome";
  }
  return { stimuli, introduced, last: false };
}

/** Not a message of the contract: its refusal tells that everything before it was dealt with. */
const fence = frame({ payload: '{"type":"fence"}' });

/** Sends a batch and holds the answers to what is due. @returns whether the connection goes on */
export async function play(
  conversation: Conversation,
  batch: Batch,
  { dice, tally, describe }: { readonly dice: Dice; readonly tally: Tally; readonly describe: string },
): Promise<boolean> {
  const before = new Map(conversation.received);
  const due = answersDue(batch);
  for (const { kind, frames, bytes } of batch.stimuli) {
    tally.frames += frames;
    count(tally.sent, kind);
    sendChopped(conversation, dice, bytes);
  }
  const got = (type: string) => (conversation.received.get(type) ?? 0) - (before.get(type) ?? 0);
  const missing = () => [...due].filter(([type, times]) => got(type) < times);
  const complain = (what: string) =>
    void tally.faults.push(
      `${describe}: ${what}; of ${listed(due)} not ${listed(new Map(missing()))}; ${show(batch)}`,
    );

  if (batch.last) {
    await end(conversation, batch, complain);
    return false;
  }
  tally.frames++;
  conversation.write(fence);
  count(due, "error");
  if (!(await conversation.until(() => missing().length === 0))) {
    complain(`nothing more came (${JSON.stringify(conversation.ending())})`);
    conversation.socket.destroy();
    return false;
  }
  for (const type of ["error", "welcome", "pong frame"])
    if (got(type) !== (due.get(type) ?? 0)) complain(`${got(type)} times ${type}`);
  return true;
}

function answersDue({ stimuli }: Batch): Map<string, number> {
  const due = new Map<string, number>();
  for (const { due: one, pongs } of stimuli) {
    if (one && "answer" in one) count(due, one.answer);
    if (pongs > 0) count(due, "pong frame", pongs);
  }
  return due;
}

/** Mostly at once; sometimes so that frames arrive in pieces. */
function sendChopped({ write }: Conversation, dice: Dice, bytes: Buffer): void {
  const at = bytes.length < 2 || dice.chance(0.9) ? bytes.length : dice.between(1, bytes.length - 1);
  write(bytes.subarray(0, at));
  write(bytes.subarray(at));
}

async function end(
  conversation: Conversation,
  batch: Batch,
  complain: (what: string) => void,
): Promise<void> {
  const last = batch.stimuli.at(-1);
  if (last?.kind === "reset") conversation.socket.resetAndDestroy();
  else conversation.socket.end();
  if (!(await conversation.until(() => conversation.ending() !== undefined))) {
    complain("the server did not end it");
    conversation.socket.destroy();
    return;
  }
  const allowed = last?.due && "end" in last.due ? last.due.end : "any";
  const code = conversation.ending()?.code ?? 0;
  if (allowed !== "any" && !allowed.includes(code))
    complain(`ended with ${code} instead of ${allowed.join(" or ")}`);
}

const show = ({ stimuli }: Batch): string =>
  stimuli
    .slice(-3)
    .map(({ kind, bytes, due }) => `${kind} ${JSON.stringify(due)} ${bytes.toString("hex", 0, 60)}`)
    .join(" | ");
