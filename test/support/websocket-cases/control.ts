import { frame, opcodes } from "../websocket-frames.ts";
import { chopped, closed, type Outcome, pinged, type WebSocketCase } from "./case.ts";

const section = "5.5.2";
const pingFrame = (payload: string | Buffer = ""): Buffer => frame({ opcode: opcodes.ping, payload });
const pongFrame = (payload: string | Buffer = ""): Buffer => frame({ opcode: opcodes.pong, payload });
const ponged = (...pongs: (string | Buffer)[]): readonly Outcome[] => [{ answers: [], pongs }];

const ten = Array.from({ length: 10 }, (_, at) => `payload ${at}`);
const noText = Buffer.from([0x00, 0xff, 0xfe, 0xc0, 0x80]);

/** Pings and pongs. */
export const control: readonly WebSocketCase[] = [
  { title: "an empty ping", section, send: [pingFrame()], expect: ponged("") },
  { title: "a ping with a text", section, send: [pingFrame("hello")], expect: ponged("hello") },
  { title: "a ping with bytes that are no text", section, send: [pingFrame(noText)], expect: ponged(noText) },
  {
    title: "a ping of 125 bytes",
    section,
    send: [pingFrame(Buffer.alloc(125, 0xfe))],
    expect: ponged(Buffer.alloc(125, 0xfe)),
  },
  ...[126, 1_000].map((bytes) => ({
    title: `a ping of ${bytes} bytes`,
    section: "5.5",
    send: [pingFrame(Buffer.alloc(bytes))],
    expect: closed(1002),
  })),
  {
    title: "a pong of 126 bytes",
    section: "5.5",
    send: [pongFrame(Buffer.alloc(126))],
    expect: closed(1002),
  },
  {
    title: "a ping that arrives byte by byte",
    section,
    send: chopped(pingFrame("hello")),
    expect: ponged("hello"),
  },
  { title: "a pong that nobody asked for", section: "5.5.3", send: [pongFrame()], expect: ponged() },
  { title: "a pong with a text", section: "5.5.3", send: [pongFrame("hello")], expect: ponged() },
  {
    title: "a pong with bytes that are no text",
    section: "5.5.3",
    send: [pongFrame(noText)],
    expect: ponged(),
  },
  {
    title: "a pong, then a ping",
    section: "5.5.3",
    send: [pongFrame("mine"), pingFrame("yours")],
    expect: ponged("yours"),
  },
  { title: "ten pings", section, send: ten.map(pingFrame), expect: ponged(...ten) },
  {
    title: "ten pings in one packet",
    section,
    send: [Buffer.concat(ten.map(pingFrame))],
    expect: ponged(...ten),
  },
  {
    title: "ten pings that arrive byte by byte",
    section,
    send: chopped(Buffer.concat(ten.map(pingFrame))),
    expect: ponged(...ten),
  },
  {
    title: "a ping before and behind a text",
    section,
    send: [pingFrame("before"), pinged, pingFrame("behind")],
    expect: [{ answers: ["pong"], pongs: ["before", "behind"] }],
  },
  {
    title: "a ping and a text in one packet",
    section,
    send: [Buffer.concat([pingFrame("x"), pinged])],
    expect: [{ answers: ["pong"], pongs: ["x"] }],
  },
];
