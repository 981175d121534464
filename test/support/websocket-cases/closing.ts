import { closeBody, frame, opcodes } from "../websocket-frames.ts";
import { chopped, closed, type Outcome, ping, pinged, type WebSocketCase } from "./case.ts";

const section = "5.5.1";
const closing = (body: Buffer = Buffer.alloc(0)): Buffer => frame({ opcode: opcodes.close, payload: body });
const normal = closing(closeBody(1000));
const pingFrame = frame({ opcode: opcodes.ping, payload: "x" });
const after = (close: number, outcome: Outcome = {}): readonly Outcome[] => [{ ...outcome, close: [close] }];

/** §7.4.1, and what IANA has registered since. */
const allowed = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
];
/** §7.4.1 forbids three of them; §7.4.2: those below 1000 are not used. */
const forbidden = [0, 1, 999, 1005, 1006, 1015];
/** Neither defined nor forbidden. */
const undefinedYet = [1004, 1016, 1100, 2000, 2999, 5000, 65_535];

/** The end of a connection. */
export const endings: readonly WebSocketCase[] = [
  ...allowed.map((code) => ({
    title: `a close frame with ${code}`,
    section: "7.4",
    send: [closing(closeBody(code))],
    // The code is echoed "typically".
    expect: closed(code, 1000),
  })),
  ...forbidden.map((code) => ({
    title: `a close frame with ${code}, which nobody may send`,
    section: "7.4",
    send: [closing(closeBody(code))],
    expect: closed(1002),
  })),
  ...undefinedYet.map((code) => ({
    title: `a close frame with ${code}, which means nothing yet`,
    section: "7.4",
    send: [closing(closeBody(code))],
    expect: closed(1002, code),
  })),
  { title: "a close frame without a code", section, send: [closing()], expect: closed(1005, 1000) },
  { title: "a close frame of one byte", section, send: [closing(Buffer.from([3]))], expect: closed(1002) },
  ...["bye", "Auf Wiedersehen ☺", "x".repeat(123)].map((reason) => ({
    title: `a close frame with a reason of ${Buffer.byteLength(reason)} bytes`,
    section,
    send: [closing(closeBody(1000, reason))],
    expect: closed(1000),
  })),
  {
    title: "a close frame with a reason of 124 bytes",
    section: "5.5",
    send: [closing(closeBody(1000, "x".repeat(124)))],
    expect: closed(1002),
  },
  ...["c3 28", "ed a0 80", "e2 82"].map((hex) => ({
    title: `a close frame whose reason is no text: ${hex}`,
    section,
    send: [closing(closeBody(1000, Buffer.from(hex.replaceAll(" ", ""), "hex")))],
    expect: closed(1007, 1002),
  })),
  { title: "a close frame that arrives byte by byte", section, send: chopped(normal), expect: closed(1000) },
  {
    title: "a text, then a close frame",
    section,
    send: [pinged, normal],
    expect: after(1000, { answers: ["pong"] }),
  },
  {
    title: "a text and a close frame in one packet",
    section,
    send: [Buffer.concat([pinged, normal])],
    expect: after(1000, { answers: ["pong"] }),
  },
  {
    title: "a ping, then a close frame",
    section,
    send: [pingFrame, normal],
    expect: after(1000, { pongs: ["x"] }),
  },
  {
    title: "a text behind a close frame",
    section,
    send: [Buffer.concat([normal, pinged])],
    expect: closed(1000),
  },
  {
    title: "a ping behind a close frame",
    section,
    send: [Buffer.concat([normal, pingFrame])],
    expect: closed(1000),
  },
  {
    title: "two close frames",
    section,
    send: [Buffer.concat([normal, closing(closeBody(1001))])],
    expect: closed(1000),
  },
  {
    title: "bytes that are no frame behind a close frame",
    section,
    send: [Buffer.concat([normal, Buffer.alloc(100, 0xff)])],
    expect: closed(1000),
  },
  {
    title: "no close frame, and the end of the connection",
    section: "7.1.5",
    send: [],
    hangUp: true,
    expect: closed(1006),
  },
  {
    title: "the end of the connection in the middle of a header",
    section: "7.1.5",
    send: [frame({ payload: ping }).subarray(0, 1)],
    hangUp: true,
    expect: closed(1006, 1002),
  },
  {
    title: "the end of the connection in the middle of a payload",
    section: "7.1.5",
    send: [frame({ payload: ping }).subarray(0, 12)],
    hangUp: true,
    expect: closed(1006, 1002),
  },
  {
    title: "the end of the connection between fragments",
    section: "7.1.5",
    send: [frame({ payload: ping.slice(0, 5), fin: false })],
    hangUp: true,
    expect: closed(1006, 1002),
  },
];
