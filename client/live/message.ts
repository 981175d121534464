import type { Static, TSchema } from "typebox";
import * as Type from "typebox";
import { Value } from "typebox/value";
import { Bye, ServerMessage } from "../../core/contract/live.ts";

/** `bye` of a newer server, whose reason this client may not know (docs/live.md, rule 33). */
const AnyBye = Type.Object({ ...Bye.properties, reason: Type.String() });
export type AnyBye = Static<typeof AnyBye>;

/** Reads a frame by the contract's schema. */
export const parseServerMessage = (data: unknown): ServerMessage | undefined => parse(ServerMessage, data);

/** Reads a frame as a goodbye, for whatever reason. */
export const parseAnyBye = (data: unknown): AnyBye | undefined => parse(AnyBye, data);

/** Interpreted, not compiled: the page's CSP allows no `eval`. */
function parse<T extends TSchema>(schema: T, data: unknown): Static<T> | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const message: unknown = JSON.parse(data);
    return Value.Check(schema, message) ? message : undefined;
  } catch {
    return undefined;
  }
}
