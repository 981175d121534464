import { closeBody, fragments, frame, opcodes } from "../websocket-frames.ts";
import { chopped, closed, type Outcome, ping, pinged, type WebSocketCase } from "./case.ts";

const section = "5.2";
/** Answers that were due already may still come. */
const failed = (...answers: string[]): readonly Outcome[] => [{ answers, close: [1002] }];

/** Bits that no extension gives a meaning. */
export const reservedBits: readonly WebSocketCase[] = [
  ...[1, 2, 3, 4, 5, 6, 7].map((rsv) => ({
    title: `a text with the reserved bits ${rsv.toString(2).padStart(3, "0")}`,
    section,
    send: [frame({ payload: ping, rsv })],
    expect: closed(1002),
  })),
  ...(["binary", "ping", "pong", "close"] as const).map((name, at) => ({
    title: `a ${name} frame with a reserved bit`,
    section,
    send: [
      frame({ opcode: opcodes[name], payload: name === "close" ? closeBody(1000) : "", rsv: 1 << (at % 3) }),
    ],
    expect: closed(1002),
  })),
  {
    title: "a reserved bit in a continuation",
    section,
    send: [
      fragments(ping, [5])[0] ?? pinged,
      frame({ opcode: opcodes.continuation, payload: ping.slice(5), rsv: 4 }),
    ],
    expect: closed(1002),
  },
  {
    title: "a good text, then one with a reserved bit",
    section,
    send: [pinged, frame({ payload: ping, rsv: 4 })],
    expect: failed("pong"),
  },
  {
    title: "a good text, a reserved bit and a ping in one packet",
    section,
    send: [Buffer.concat([pinged, frame({ payload: ping, rsv: 2 }), frame({ opcode: opcodes.ping })])],
    expect: failed("pong"),
  },
  {
    title: "a reserved bit that arrives byte by byte",
    section,
    send: chopped(frame({ payload: ping, rsv: 1 })),
    expect: closed(1002),
  },
];

const unknown = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

/** Opcodes that mean nothing yet. */
export const reservedOpcodes: readonly WebSocketCase[] = [
  ...unknown.map((opcode) => ({
    title: `an empty frame of opcode ${opcode}`,
    section,
    send: [frame({ opcode })],
    expect: closed(1002),
  })),
  ...unknown.map((opcode) => ({
    title: `a good text, then a frame of opcode ${opcode} with a payload, then another text`,
    section,
    send: [pinged, frame({ opcode, payload: ping }), pinged],
    expect: failed("pong"),
  })),
  ...[3, 11].map((opcode) => ({
    title: `a frame of opcode ${opcode} between fragments`,
    section,
    send: [frame({ payload: "{", fin: false }), frame({ opcode }), frame({ opcode: 0, payload: "}" })],
    expect: closed(1002),
  })),
];
