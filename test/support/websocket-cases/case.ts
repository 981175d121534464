import type { EndpointKind } from "../../chaos/fuzz/oracle.ts";
import { frame } from "../websocket-frames.ts";

/** What comes back. */
export type Outcome = {
  /** The messages' types, in order. Where the connection ends, later ones may be lost. */
  readonly answers?: readonly string[];
  /** The payloads of pong frames. Of several pings only the last must be answered (RFC 6455 §5.5.3). */
  readonly pongs?: readonly (string | Buffer)[];
  /** The server ends the connection, with one of these codes (1006: without a close frame); it stays open otherwise. */
  readonly close?: readonly number[];
};

export type WebSocketCase = {
  readonly title: string;
  /** Of RFC 6455. */
  readonly section: string;
  /** One TCP write each. */
  readonly send: readonly Buffer[];
  /** The client ends its side of the TCP connection after that. */
  readonly hangUp?: boolean;
  /** Any of these; by endpoint where a limit of API Gateway's is another. */
  readonly expect: readonly Outcome[] | Readonly<Record<EndpointKind, readonly Outcome[]>>;
};

export const ping = '{"type":"ping"}';
export const pinged = frame({ payload: ping });

/** A ping of so many bytes; with less than it needs, no message at all. */
export const pingOf = (bytes: number): string =>
  bytes < ping.length ? " ".repeat(bytes) : ping.padEnd(bytes, " ");

export const answered = (...answers: string[]): readonly Outcome[] => [{ answers }];
export const closed = (...close: number[]): readonly Outcome[] => [{ close }];

/** What the RFC lets a receiver treat as an error or not. */
export const eitherWay = (...answers: string[]): readonly Outcome[] => [
  { answers },
  { answers, close: [1002] },
];

/** A binary message; API Gateway has none. */
export const binaryRefused = { node: answered("error"), gateway: closed(1003) };

/** The bytes in pieces of a size. */
export function chopped(bytes: Buffer, size = 1): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}
