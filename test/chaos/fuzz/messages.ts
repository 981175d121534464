import type { ClientMessage } from "../../../core/contract/live.ts";
import { anything, anythingObject } from "./anything.ts";
import { type Dice, pickWeighted } from "./dice.ts";
import { mutateText } from "./mutations.ts";
import { oddTexts } from "./oddities.ts";

/** Texts as clients may send them: right, nearly right, and anything at all. */
export function messageText(dice: Dice): Buffer {
  return Buffer.from(
    pickWeighted<() => string | Buffer>(dice, [
      [20, () => JSON.stringify(validMessage(dice))],
      [40, () => mutateText(dice, JSON.stringify(validMessage(dice)))],
      [10, () => JSON.stringify(anything(dice))],
      [6, () => JSON.stringify({ type: anything(dice), ...anythingObject(dice) })],
      [5, () => nested(dice)],
      [5, () => dice.pick(oddTexts)],
      [4, () => ofSize(dice, dice.pick(sizes) + dice.between(-1, 1))],
      [2, () => longName(dice)],
      [1, () => dice.bytes(dice.below(200))],
    ])(),
  );
}

function validMessage(dice: Dice): ClientMessage {
  return pickWeighted<() => ClientMessage>(dice, [
    [6, () => ({ type: "ping" })],
    [2, () => ({ type: "hello", ...position(dice), device: { id: id(dice), name: deviceName(dice) } })],
    [2, () => playback(dice)],
  ])();
}

const position = (dice: Dice) =>
  dice.chance(0.3)
    ? { epoch: null, since: null }
    : { epoch: id(dice), since: dice.pick([null, 0, 1, 7, 2 ** 31, Number.MAX_SAFE_INTEGER]) };

const playback = (dice: Dice): ClientMessage => ({
  type: "playback",
  version: dice.pick([0, 1, 2, 3, dice.below(1000), 2 ** 31, 2 ** 52, Number.MAX_SAFE_INTEGER - 1]),
  songId: dice.chance(0.2) ? null : id(dice),
  positionSeconds: dice.pick([0, 0.1 + 0.2, 12.5, 1e7, 1e-7, 1e-300, Number.MIN_VALUE, dice.below(1e6) / 7]),
  paused: dice.chance(0.5),
});

const id = (dice: Dice): string =>
  dice.pick(["a", "song-1", "__proto__", "constructor", "x".repeat(64), "0"]);
const deviceName = (dice: Dice): string =>
  dice.pick([
    "Phone",
    "\ud800",
    "é".repeat(80),
    "\u0000",
    "<script>",
    "ab\ud83d",
    "🎵".repeat(40),
    "toString",
  ]);

/** Nested deeper than any recursion likes, at a place where something may look. */
function nested(dice: Dice): string {
  const depth = dice.pick([10, 1_000, 7_500]);
  const [open, close] = dice.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['{"type":', "}"],
    ['{"toString":', "}"],
  ]);
  const levels = Math.min(depth, Math.floor(16_000 / (open.length + close.length)));
  const core = `${open.repeat(levels)}1${dice.chance(0.9) ? close.repeat(levels) : ""}`;
  return dice.pick([core, `{"type":${core}}`, `{"type":"hello","epoch":null,"since":null,"device":${core}}`]);
}

/** Around what the endpoints allow: a node's frame, a message, a gateway's frame, a gateway's message. */
const sizes = [125, 126, 65_535, 65_536, 16_384, 24_576, 32_768, 131_072];

/** So many bytes of valid or invalid JSON. */
function ofSize(dice: Dice, bytes: number): string {
  if (dice.chance(0.5)) return '{"type":"ping"}'.padEnd(bytes, " ");
  return `{"type":"ping","x":"${"y".repeat(Math.max(0, bytes - 22))}"}`;
}

/** A property whose name is the better part of the message: an answer that repeats it is as long. */
function longName(dice: Dice): string {
  const name = dice.pick(["k", "\\u0000", "é", "\\ud800"]);
  return `{"type":"${dice.pick(["ping", "hello", "playback"])}","${name.repeat(dice.between(1, 16_000 / name.length - 8))}":1}`;
}
