import { fragments, frame, opcodes } from "../../support/websocket-frames.ts";
import { damage } from "./damage.ts";
import { type Dice, pickWeighted } from "./dice.ts";
import { messageText } from "./messages.ts";
import { type Due, type EndpointRules, judge } from "./oracle.ts";

/** Something to send, and what must come of it. */
export type Stimulus = {
  readonly kind: "message" | "binary" | "control" | "damage" | "reset";
  readonly bytes: Buffer;
  readonly frames: number;
  /** `any`: the connection may end, now or when the client ends it; nothing is due from a bare `pong`. */
  readonly due?: Due | { readonly end: "any" };
  /** Pong frames that must come back. */
  readonly pongs: number;
};

/** @param introduced whether a `hello` was answered on this connection */
export function stimulus(dice: Dice, rules: EndpointRules, introduced: boolean): Stimulus {
  const kind = pickWeighted<Stimulus["kind"]>(dice, [
    [1000, "message"],
    [10, "binary"],
    [80, "control"],
    [30, "damage"],
    [3, "reset"],
  ]);
  if (kind === "control") return controlFrame(dice);
  if (kind === "reset") return { kind, bytes: Buffer.alloc(0), frames: 0, pongs: 0, due: { end: "any" } };
  if (kind !== "damage") return message(dice, rules, introduced, kind);
  const { end, ...rest } = damage(dice);
  return { kind, ...rest, pongs: 0, due: { end } };
}

function controlFrame(dice: Dice): Stimulus {
  const opcode = dice.pick([opcodes.ping, opcodes.pong]);
  const bytes = frame({ opcode, payload: dice.bytes(dice.pick([0, 1, 4, 125])) });
  return { kind: "control", bytes, frames: 1, pongs: opcode === opcodes.ping ? 1 : 0 };
}

function message(
  dice: Dice,
  rules: EndpointRules,
  introduced: boolean,
  kind: "message" | "binary",
): Stimulus {
  const payload = kind === "binary" && dice.chance(0.5) ? dice.bytes(dice.below(300)) : messageText(dice);
  const opcode = kind === "binary" ? opcodes.binary : opcodes.text;
  const due = judge(rules, payload, opcode, introduced);
  if (payload.length <= rules.maxFrameBytes && dice.chance(0.85))
    return { kind, bytes: frame({ payload, opcode }), frames: 1, pongs: 0, due };
  const parts = fragments(payload, cutsOf(dice, payload.length, rules.maxFrameBytes), opcode);
  return { kind, ...interleaved(dice, parts), due };
}

/** Where to cut: small pieces at random, or as few as the endpoint's frames allow. */
function cutsOf(dice: Dice, length: number, maxFrameBytes: number): number[] {
  const cuts: number[] = [];
  const few = length > 2_000;
  for (let at = 0; at < length; ) {
    at += few ? maxFrameBytes : dice.below(Math.max(2, length / 3));
    if (at < length && cuts.length < 40) cuts.push(at);
    if (!few && cuts.length >= 8) break;
  }
  return cuts;
}

/** Control frames may come between fragments (RFC 6455 §5.4). */
function interleaved(dice: Dice, parts: readonly Buffer[]): Pick<Stimulus, "bytes" | "frames" | "pongs"> {
  const between = parts.slice(1).map(() => (dice.chance(0.3) ? controlFrame(dice) : undefined));
  const bytes = parts.flatMap((part, at) => [part, between[at]?.bytes ?? Buffer.alloc(0)]);
  const controls = between.filter((control) => control !== undefined);
  return {
    bytes: Buffer.concat(bytes),
    frames: parts.length + controls.length,
    pongs: controls.reduce((sum, { pongs }) => sum + pongs, 0),
  };
}
