import { Value } from "typebox/value";
import { ServerMessage } from "../../core/contract/live.ts";

/** Reads a frame by the contract's schema. Interpreted, not compiled: the page's CSP allows no `eval`. */
export function parseServerMessage(data: unknown): ServerMessage | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const message: unknown = JSON.parse(data);
    return Value.Check(ServerMessage, message) ? message : undefined;
  } catch {
    return undefined;
  }
}
