import { closeBody, fragments, frame, opcodes } from "../websocket-frames.ts";
import {
  answered,
  binaryRefused,
  chopped,
  closed,
  type Outcome,
  ping,
  pinged,
  type WebSocketCase,
} from "./case.ts";

const section = "5.4";
const { continuation, text, binary, close } = opcodes;
const every = (count: number): number[] => Array.from({ length: count - 1 }, (_, at) => at + 1);
const pingFrame = (payload = ""): Buffer => frame({ opcode: opcodes.ping, payload });
const pongFrame = frame({ opcode: opcodes.pong, payload: "x" });
const halves = fragments(ping, [7]);
const [first = pinged, second = pinged] = halves;
const between = (...middle: Buffer[]): Buffer[] => [first, ...middle, second];
const failed: readonly Outcome[] = [{ answers: ["pong"], close: [1002] }];
const ponged = (...pongs: string[]): readonly Outcome[] => [{ answers: ["pong"], pongs }];

const whole: readonly (readonly [title: string, send: readonly Buffer[]])[] = [
  ["a text in two fragments", halves],
  ["a text in two fragments in one packet", [Buffer.concat(halves)]],
  ["a text in two fragments that arrive byte by byte", chopped(Buffer.concat(halves))],
  ["a text in three fragments", fragments(ping, [3, 9])],
  ["a text in as many fragments as it has bytes", fragments(ping, every(ping.length))],
  ["a text whose first fragment is empty", fragments(ping, [0])],
  ["a text whose last fragment is empty", fragments(ping, [ping.length])],
  ["a text with empty fragments in the middle", fragments(ping, [7, 7, 7])],
];

/** Messages in pieces, and what may come between those. */
export const fragmentation: readonly WebSocketCase[] = [
  ...whole.map(([title, send]) => ({ title, section, send, expect: answered("pong") })),
  {
    title: "a text of empty fragments alone",
    section,
    send: fragments("", [0, 0]),
    expect: answered("error"),
  },
  {
    title: "two texts in fragments, one after the other",
    section,
    send: [...halves, ...fragments(ping, [2, 4])],
    expect: answered("pong", "pong"),
  },
  {
    title: "a binary message in two fragments",
    section,
    send: fragments("abcd", [2], binary),
    expect: binaryRefused,
  },
  { title: "a ping between fragments", section, send: between(pingFrame("x")), expect: ponged("x") },
  {
    title: "a ping between fragments in one packet",
    section,
    send: [Buffer.concat(between(pingFrame("x")))],
    expect: ponged("x"),
  },
  {
    title: "a ping between fragments that arrive byte by byte",
    section,
    send: chopped(Buffer.concat(between(pingFrame("x")))),
    expect: ponged("x"),
  },
  { title: "a pong between fragments", section, send: between(pongFrame), expect: ponged() },
  {
    title: "ten pings between fragments",
    section,
    send: between(...every(11).map((at) => pingFrame(String(at)))),
    expect: ponged(...every(11).map(String)),
  },
  {
    title: "pings between all fragments of a text",
    section,
    send: fragments(ping, [3, 6, 9]).flatMap((part, at) => [part, pingFrame(String(at))]),
    expect: ponged("0", "1", "2", "3"),
  },
  {
    title: "a close frame between fragments",
    section,
    send: between(frame({ opcode: close, payload: closeBody(1000) })),
    expect: closed(1000),
  },
  ...(["ping", "pong", "close"] as const).map((name) => ({
    title: `a ${name} frame that says that more follows`,
    section: "5.5",
    send: [frame({ opcode: opcodes[name], fin: false }), frame({ opcode: continuation })],
    expect: closed(1002),
  })),
  ...[true, false].map((fin) => ({
    title: `a continuation of nothing, ${fin ? "the last" : "with more to follow"}`,
    section,
    send: [frame({ opcode: continuation, payload: ping, fin })],
    expect: closed(1002),
  })),
  {
    title: "an empty continuation of nothing",
    section,
    send: [frame({ opcode: continuation })],
    expect: closed(1002),
  },
  {
    title: "a continuation behind a whole text",
    section,
    send: [pinged, frame({ opcode: continuation, payload: ping })],
    expect: failed,
  },
  {
    title: "a continuation behind the last fragment",
    section,
    send: [...halves, frame({ opcode: continuation, payload: "x" })],
    expect: failed,
  },
  {
    title: "a continuation of nothing, then a good text",
    section,
    send: [frame({ opcode: continuation, payload: "x", fin: false }), pinged],
    expect: closed(1002),
  },
  ...[
    ["text", text],
    ["binary message", binary],
  ].flatMap(([name, opcode]) =>
    [true, false].map((fin) => ({
      title: `a new ${name} between fragments, ${fin ? "whole" : "in fragments too"}`,
      section,
      send: between(frame({ opcode: opcode as number, payload: ping, fin })),
      expect: closed(1002),
    })),
  ),
  {
    title: "two first fragments",
    section,
    send: [first, first, second],
    expect: closed(1002),
  },
  {
    title: "a continuation without a mask",
    section: "5.1",
    send: [first, frame({ opcode: continuation, payload: ping.slice(7), masked: false })],
    expect: closed(1002, 1006),
  },
];
