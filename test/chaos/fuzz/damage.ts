import { closeBody, fragments, frame, opcodes } from "../../support/websocket-frames.ts";
import { type Dice, pickWeighted } from "./dice.ts";

/** Bytes after which the server must end the connection, with one of these codes where it can say one. */
export type Damage = {
  readonly bytes: Buffer;
  readonly frames: number;
  readonly end: readonly number[] | "any";
};

type Maker = (dice: Dice) => Damage;
const ping = '{"type":"ping"}';
const { text, binary, continuation, close } = opcodes;
/** RFC 6455 §7.1.7: with a close frame or without one. */
const protocolError = [1002, 1006];

const one = (bytes: Buffer, end: Damage["end"] = protocolError): Damage => ({ bytes, frames: 1, end });
const several = (frames: readonly Buffer[], end: Damage["end"] = protocolError): Damage => ({
  bytes: Buffer.concat(frames),
  frames: frames.length,
  end,
});

/** Damage below the messages: frames that break RFC 6455, by its sections, and bytes that are no frames. */
export const damage = (dice: Dice): Damage => pickWeighted(dice, makers)(dice);

const control = (dice: Dice): number => dice.pick([opcodes.close, opcodes.ping, opcodes.pong]);

const makers: readonly (readonly [number, Maker])[] = [
  // §5.2: reserved bits, reserved opcodes, lengths.
  [3, (dice) => one(frame({ payload: ping, rsv: dice.between(1, 7), opcode: dice.pick([1, 2, 8, 9, 10]) }))],
  [
    3,
    (dice) =>
      one(
        frame({
          payload: dice.bytes(dice.below(20)),
          opcode: dice.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]),
        }),
      ),
  ],
  [
    2,
    (dice) =>
      one(
        frame({ payload: ping, claims: dice.pick([2n ** 63n, 2n ** 64n - 1n]), lengthBits: 64 }),
        [1002, 1009],
      ),
  ],
  [
    2,
    (dice) =>
      one(
        frame({ payload: ping, claims: dice.pick([2 ** 20, 2 ** 31, 2 ** 53 - 1]), lengthBits: 64 }),
        [1009],
      ),
  ],
  [1, () => one(frame({ payload: ping, lengthBits: 64 }), "any")],
  // §5.1: frames of a client are masked.
  [3, (dice) => one(frame({ payload: ping, masked: false, opcode: dice.pick([1, 2, 8, 9, 10]) }))],
  // §5.5: control frames are short and whole.
  [2, (dice) => one(frame({ payload: "x".repeat(dice.between(126, 300)), opcode: control(dice) }))],
  [2, (dice) => one(frame({ payload: "x", opcode: control(dice), fin: false }))],
  [1, (dice) => one(frame({ opcode: control(dice), claims: 5, lengthBits: dice.pick([16, 64]) }), "any")],
  // §5.4: fragments in their order.
  [2, (dice) => one(frame({ payload: ping, opcode: continuation, fin: dice.chance(0.5) }))],
  [
    2,
    (dice) =>
      several([
        frame({ payload: "{", fin: false }),
        frame({ payload: ping, opcode: dice.pick([text, binary]) }),
      ]),
  ],
  [1, (dice) => several(fragments(ping, [1, 5]).slice(0, dice.between(1, 2)), "any")],
  // §5.5.1, §7.4: codes that may not be sent, and bodies that are none.
  [
    3,
    (dice) => one(closing(closeBody(dice.pick([0, 1, 999, 1004, 1005, 1006, 1015, 65_535]))), [1002, 1006]),
  ],
  [1, (dice) => one(closing(closeBody(dice.between(1016, 2999))), "any")],
  [1, () => one(closing(Buffer.from([3])))],
  [1, () => one(closing(closeBody(1000, Buffer.from([0xc3, 0x28]))), [1002, 1007, 1006])],
  [
    2,
    (dice) => {
      const code = dice.pick([1000, 1001, 1003, 1007, 1011, 3000, 4999]);
      return one(closing(closeBody(code, dice.pick(["", "bye", "é".repeat(60)]))), [code, 1000]);
    },
  ],
  [1, () => one(closing(Buffer.alloc(0)), [1005, 1000])],
  [1, (dice) => several([closing(closeBody(1000)), frame({ payload: ping }), dice.bytes(50)], [1000])],
  // No frames at all, or half of one.
  [3, (dice) => one(dice.bytes(dice.between(1, 300)), "any")],
  [2, (dice) => one(frame({ payload: ping }).subarray(0, dice.between(1, 20)), "any")],
  [3, flippedHeader],
  [1, () => one(Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "any")],
];

const closing = (payload: Buffer): Buffer => frame({ payload, opcode: close });

function flippedHeader(dice: Dice): Damage {
  const bytes = frame({ payload: ping, opcode: dice.pick([1, 2, 8, 9]) });
  const at = dice.below(6);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
  return one(bytes, "any");
}
