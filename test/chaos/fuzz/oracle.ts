import { isUtf8 } from "node:buffer";
import { Compile } from "typebox/compile";
import {
  type ClientMessage,
  Hello,
  maxMessageBytes,
  Ping,
  PlaybackIntent,
} from "../../../core/contract/live.ts";
import { opcodes } from "../../support/websocket-frames.ts";

/** What an endpoint allows beyond what both do. */
export type EndpointRules = {
  readonly maxFrameBytes: number;
  readonly maxMessageBytes: number;
  /** API Gateway ends a connection that sends binary messages. */
  readonly binary: "answered" | typeof unsupportedData;
};
const unsupportedData = 1003;

export const endpointRules = {
  node: { maxFrameBytes: 16 * 1024, maxMessageBytes: 16 * 1024, binary: "answered" },
  gateway: { maxFrameBytes: 32 * 1024, maxMessageBytes: 128 * 1024, binary: unsupportedData },
} as const satisfies Record<string, EndpointRules>;
export type EndpointKind = keyof typeof endpointRules;

/** What must come of one message: an answer of this type, or the end with one of these codes. */
export type Due =
  | { readonly answer: "error" | "welcome" | "pong" | "playback" }
  | { readonly end: readonly number[] };

const valid = { hello: Compile(Hello), ping: Compile(Ping), playback: Compile(PlaybackIntent) };
const answers = { hello: "welcome", ping: "pong", playback: "playback" } as const;

/** Judges a message by the contract and the RFC alone; `introduced`: a `hello` was answered on this connection. */
export function judge(rules: EndpointRules, payload: Buffer, opcode: number, introduced: boolean): Due {
  if (payload.length > rules.maxMessageBytes) return { end: [1009] };
  if (opcode === opcodes.binary)
    return rules.binary === "answered" ? { answer: "error" } : { end: [rules.binary] };
  if (!isUtf8(payload)) return { end: [1007] };
  if (payload.length > maxMessageBytes) return { answer: "error" };
  const type = messageType(payload.toString());
  if (!type || (type === "playback" && !introduced)) return { answer: "error" };
  return { answer: answers[type] };
}

/** Which message of a client the text is. */
function messageType(text: string): ClientMessage["type"] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text, requireUnicode);
  } catch {
    return undefined;
  }
  return (["hello", "ping", "playback"] as const).find((type) => valid[type].Check(value));
}

/** Texts of a message are Unicode (I-JSON, RFC 7493 §2.1): an escape may write half of a surrogate pair. */
function requireUnicode(_name: string, value: unknown): unknown {
  if (typeof value === "string" && !value.isWellFormed()) throw new SyntaxError("Half of a surrogate pair");
  return value;
}
