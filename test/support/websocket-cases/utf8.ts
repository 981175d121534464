import { fragments, frame, opcodes } from "../websocket-frames.ts";
import { answered, binaryRefused, chopped, closed, type WebSocketCase } from "./case.ts";

const section = "8.1";
const { binary } = opcodes;
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** The edges of each length of a character, and what is unusual but text (RFC 3629 §4). */
const characters = [
  ...[0x00, 0x7f, 0x80, 0x7ff, 0x800, 0xfff, 0x1000, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xfffe, 0xffff],
  ...[0x1_0000, 0x1_fffe, 0x3_ffff, 0x4_0000, 0xf_ffff, 0x10_0000, 0x10_ffff],
];

/** A message that Encore does not know, so that it must have been read to be refused. */
const saying = (text: string): string => `{"type":"${text}"}`;
const manyBytes = saying("é€𝄞");

/** Bytes that are no UTF-8 (RFC 3629 §3 and §4), by what is wrong. */
const broken: Readonly<Record<string, readonly string[]>> = {
  "a continuation byte alone": ["80", "bf", "80 bf", "80 bf 80", "a0 a1"],
  "a character that ends too soon": ["c2", "df", "e0 a0", "e2 82", "ef bf", "f0 90 80", "f4 8f bf"],
  "a character cut off by another": [
    "c2 20",
    "c3 28",
    "e2 28 a1",
    "e2 82 28",
    "f0 28 8c bc",
    "f0 90 28 bc",
    "f0 90 80 28",
  ],
  "more bytes than it needs": [
    "c0 80",
    "c0 af",
    "c1 bf",
    "e0 80 80",
    "e0 9f bf",
    "f0 80 80 80",
    "f0 8f bf bf",
  ],
  "a surrogate": [
    "ed a0 80",
    "ed ad bf",
    "ed ae 80",
    "ed af bf",
    "ed b0 80",
    "ed bf bf",
    "ed a0 80 ed b0 80",
  ],
  "a character beyond the last": ["f4 90 80 80", "f5 80 80 80", "f7 bf bf bf"],
  "five or six bytes": ["f8 88 80 80 80", "fb bf bf bf bf", "fc 84 80 80 80 80", "fd bf bf bf bf bf"],
  "a byte that none has": ["fe", "ff", "fe fe ff ff", "c0", "c1", "f5"],
};

const valid: readonly WebSocketCase[] = [
  ...characters.map((code) => ({
    title: `a text with U+${code.toString(16).toUpperCase().padStart(4, "0")}`,
    section,
    send: [frame({ payload: saying(String.fromCodePoint(code)) })],
    expect: answered("error"),
  })),
  {
    title: "characters of two, three and four bytes, cut at each byte into fragments",
    section,
    send: fragments(manyBytes, [...Buffer.from(manyBytes).keys()].slice(1)),
    expect: answered("error"),
  },
  {
    title: "characters of two, three and four bytes that arrive byte by byte",
    section,
    send: chopped(frame({ payload: manyBytes })),
    expect: answered("error"),
  },
  {
    title: "a character of four bytes in two fragments, with a ping between them",
    section,
    send: [
      frame({ payload: bytes("f0 9d"), fin: false }),
      frame({ opcode: opcodes.ping, payload: "x" }),
      frame({ opcode: opcodes.continuation, payload: bytes("84 9e") }),
    ],
    expect: [{ answers: ["error"], pongs: ["x"] }],
  },
  {
    title: "bytes that are no text, in a binary message",
    section: "5.6",
    send: [frame({ opcode: binary, payload: bytes("c0 80 ff") })],
    expect: binaryRefused,
  },
];

const invalid: readonly WebSocketCase[] = [
  ...Object.entries(broken).flatMap(([what, sequences]) =>
    sequences.map((hex) => ({
      title: `${what}: ${hex}`,
      section,
      send: [frame({ payload: bytes(hex) })],
      expect: closed(1007),
    })),
  ),
  ...Object.entries(broken).map(([what, [hex = ""]]) => ({
    title: `${what} within a message`,
    section,
    send: [frame({ payload: Buffer.concat([Buffer.from('{"type":"é'), bytes(hex), Buffer.from('"}')]) })],
    expect: closed(1007),
  })),
  ...[
    ["in the first of two fragments", "ce ba ff", "20 20"],
    ["in the last of two fragments", "ce ba", "20 ff"],
    ["in the last byte of all", "ce ba", "20 ce"],
    ["where two fragments meet", "e2 82", "28"],
    ["made of a surrogate in two fragments", "ed", "a0 80"],
  ].map(([where, one = "", two = ""]) => ({
    title: `bytes that are no text ${where}`,
    section,
    send: [
      frame({ payload: bytes(one), fin: false }),
      frame({ opcode: opcodes.continuation, payload: bytes(two) }),
    ],
    expect: closed(1007),
  })),
  {
    title: "bytes that are no text and arrive byte by byte",
    section,
    send: chopped(frame({ payload: bytes("ce ba e1 bd b9 ed a0 80") })),
    expect: closed(1007),
  },
];

export const utf8: readonly WebSocketCase[] = [...valid, ...invalid];
