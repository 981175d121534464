import { fragments, frame, opcodes } from "../websocket-frames.ts";
import {
  answered,
  binaryRefused,
  chopped,
  closed,
  eitherWay,
  ping,
  pinged,
  pingOf,
  type WebSocketCase,
} from "./case.ts";

const { binary } = opcodes;
const section = "5.2";

const sizes = [0, 1, 15, 125, 126, 127, 128, 1_024, 16_383, 16_384];
const tooLarge = [65_535, 65_536];

/** Sizes of frames, and how their lengths and masks stand. */
export const framing: readonly WebSocketCase[] = [
  ...sizes.map((bytes) => ({
    title: `a text of ${bytes} bytes`,
    section,
    send: [frame({ payload: pingOf(bytes) })],
    expect: answered(bytes < ping.length ? "error" : "pong"),
  })),
  ...tooLarge.map((bytes) => ({
    title: `a text of ${bytes} bytes in one frame`,
    section,
    send: [frame({ payload: pingOf(bytes) })],
    expect: closed(1009),
  })),
  ...tooLarge.map((bytes) => ({
    title: `a text of ${bytes} bytes in frames of 16 KiB`,
    section,
    send: fragments(pingOf(bytes), [16_384, 32_768, 49_152]),
    expect: { node: closed(1009), gateway: answered("error") },
  })),
  ...sizes.map((bytes) => ({
    title: `a binary message of ${bytes} bytes`,
    section,
    send: [frame({ opcode: binary, payload: Buffer.alloc(bytes, 0xfe) })],
    expect: binaryRefused,
  })),
  ...tooLarge.map((bytes) => ({
    title: `a binary message of ${bytes} bytes`,
    section,
    send: [frame({ opcode: binary, payload: Buffer.alloc(bytes) })],
    expect: { node: closed(1009), gateway: closed(1009, 1003) },
  })),
  ...[15, 125, 126, 400].map((bytes) => ({
    title: `a text of ${bytes} bytes that arrives byte by byte`,
    section,
    send: chopped(frame({ payload: pingOf(bytes) })),
    expect: answered("pong"),
  })),
  ...[997, 4_096].map((size) => ({
    title: `a text of 16384 bytes that arrives in pieces of ${size}`,
    section,
    send: chopped(frame({ payload: pingOf(16_384) }), size),
    expect: answered("pong"),
  })),
  {
    title: "two texts in one packet",
    section,
    send: [Buffer.concat([pinged, pinged])],
    expect: answered("pong", "pong"),
  },
  {
    title: "ten texts in one packet, cut in the middle of a header",
    section,
    send: chopped(Buffer.concat(Array(10).fill(frame({ payload: pingOf(126) }))), 135),
    expect: answered(...Array(10).fill("pong")),
  },
  ...[
    ["zeros", Buffer.alloc(4)],
    ["ones", Buffer.alloc(4, 0xff)],
    ["the text's own bytes", Buffer.from(ping.slice(0, 4))],
  ].map(([name, mask]) => ({
    title: `a mask of ${name}`,
    section: "5.3",
    send: [frame({ payload: ping, mask: mask as Buffer })],
    expect: answered("pong"),
  })),
  ...(
    [
      [15, 16],
      [15, 64],
      [125, 64],
      [126, 64],
    ] as const
  ).map(([bytes, lengthBits]) => ({
    title: `a length of ${bytes} in ${lengthBits} bits, which are more than it needs`,
    section,
    send: [frame({ payload: pingOf(bytes), lengthBits })],
    expect: eitherWay("pong"),
  })),
  ...[2n ** 63n, 2n ** 64n - 1n].map((claims) => ({
    title: `a length of ${claims}, whose highest bit must be 0`,
    section,
    send: [frame({ payload: ping, claims, lengthBits: 64 as const })],
    expect: closed(1002, 1009),
  })),
  ...(["text", "binary", "close", "ping", "pong"] as const).map((name) => ({
    title: `a ${name} frame without a mask`,
    section: "5.1",
    send: [frame({ opcode: opcodes[name], masked: false })],
    // A close frame is allowed here, not asked for.
    expect: closed(1002, 1006),
  })),
];
