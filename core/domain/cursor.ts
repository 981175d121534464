import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { DomainError } from "./errors.ts";

/** A list's position as opaque text: base64url of JSON. It holds nothing that its reader may not know. */
export const encodeCursor = (position: unknown): string =>
  Buffer.from(JSON.stringify(position), "utf8").toString("base64url");

/** @throws DomainError `invalid-cursor` where the text is not a position of this shape */
export function decodeCursor<T extends TSchema>(shape: T, cursor: string): Static<T> {
  const position = parse(cursor);
  if (!Check(shape, position))
    throw new DomainError("invalid-cursor", "Start the list again without a cursor");
  return position;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
