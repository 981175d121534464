import type { Static } from "typebox";
import * as Type from "typebox";
import { Value } from "typebox/value";
import { Bye, ServerMessage } from "../../core/contract/live.ts";

/** `bye` of a newer server, whose reason this client may not know (docs/live.md, rule 33). */
const AnyBye = Type.Object({ ...Bye.properties, reason: Type.String() });
export type AnyBye = Static<typeof AnyBye>;

const ReceivedMessage = Type.Union([ServerMessage, AnyBye]);
type ReceivedMessage = Static<typeof ReceivedMessage>;

/** Reads a frame by the contract's schema. Interpreted, not compiled: the page's CSP allows no `eval`. */
export function parseServerMessage(data: unknown): ReceivedMessage | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const message: unknown = JSON.parse(data);
    return Value.Check(ReceivedMessage, message) ? message : undefined;
  } catch {
    return undefined;
  }
}
