import { fragments, frame } from "../websocket-frames.ts";
import { answered, closed, type Outcome, ping, pingOf, type WebSocketCase } from "./case.ts";

const section = "7.4.1";
const kib = 1024;
const cutAt = (size: number, count: number): number[] =>
  Array.from({ length: count - 1 }, (_, at) => (at + 1) * size);

type Limit = readonly [
  title: string,
  send: readonly Buffer[],
  node: readonly Outcome[],
  gateway: readonly Outcome[],
];

/** A node: frames and messages of 16 KiB. The gateway: frames of 32 KiB and messages of 128, of which 24 are taken. */
const table: readonly Limit[] = [
  ["a text of 16 KiB", [frame({ payload: pingOf(16 * kib) })], answered("pong"), answered("pong")],
  ["a text of 16 KiB and a byte", [frame({ payload: pingOf(16 * kib + 1) })], closed(1009), answered("pong")],
  ["a text of 24 KiB", [frame({ payload: pingOf(24 * kib) })], closed(1009), answered("pong")],
  [
    "a text of 24 KiB and a byte",
    [frame({ payload: pingOf(24 * kib + 1) })],
    closed(1009),
    answered("error"),
  ],
  ["a text of 32 KiB", [frame({ payload: pingOf(32 * kib) })], closed(1009), answered("error")],
  ["a text of 32 KiB and a byte", [frame({ payload: pingOf(32 * kib + 1) })], closed(1009), closed(1009)],
  [
    "16 KiB in two fragments",
    fragments(pingOf(16 * kib), cutAt(8 * kib, 2)),
    answered("pong"),
    answered("pong"),
  ],
  [
    "16 KiB and a byte in two",
    fragments(pingOf(16 * kib + 1), cutAt(8 * kib, 2)),
    closed(1009),
    answered("pong"),
  ],
  [
    "16 KiB in 256 fragments",
    fragments(pingOf(16 * kib), cutAt(64, 256)),
    answered("pong"),
    answered("pong"),
  ],
  [
    "15 KiB in 960 fragments",
    fragments(pingOf(15 * kib), cutAt(16, 960)),
    answered("pong"),
    answered("pong"),
  ],
  [
    "128 KiB in four fragments",
    fragments(pingOf(128 * kib), cutAt(32 * kib, 4)),
    closed(1009),
    answered("error"),
  ],
  [
    "128 KiB and a byte in five",
    fragments(pingOf(128 * kib + 1), cutAt(32 * kib, 5)),
    closed(1009),
    closed(1009),
  ],
  [
    "a header that claims 1 MiB",
    [frame({ payload: ping, claims: 2 ** 20, lengthBits: 64 })],
    closed(1009),
    closed(1009),
  ],
  [
    "a header that claims 4 GiB",
    [frame({ payload: ping, claims: 2 ** 32, lengthBits: 64 })],
    closed(1009),
    closed(1009),
  ],
  [
    "a header that claims 8 PiB",
    [frame({ payload: ping, claims: 2 ** 53, lengthBits: 64 })],
    closed(1009),
    closed(1009),
  ],
];

/** How large messages may be, and what too large ones get. */
export const limits: readonly WebSocketCase[] = table.map(([title, send, node, gateway]) => ({
  title,
  section,
  send,
  expect: { node, gateway },
}));
