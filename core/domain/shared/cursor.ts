import { createHash } from "node:crypto";
import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { DomainError } from "../errors.ts";
import { parseJson } from "./text.ts";

/** The list that a cursor belongs to: its name, and all that decides what is in it and in which order. */
export type ListScope = readonly [list: string, ...filters: (string | number | undefined)[]];

/**
 * A list's position as opaque text: base64url of a digest (16 bytes) and the position as JSON. The digest covers the
 * scope, so that a cursor goes on in its own list alone. It is no signature: a position tells nothing that its reader may
 * not know, and leads nowhere that the list without a cursor does not.
 */
export function encodeCursor(scope: ListScope, position: unknown): string {
  const json = JSON.stringify(position);
  return Buffer.concat([digest(scope, json), Buffer.from(json)]).toString("base64url");
}

/**
 * @param shape every value of it must be one that the list can go on from: nothing behind this checks it again
 * @throws DomainError `invalid-cursor` where the text is not what `encodeCursor` made of such a position in this scope
 */
export function decodeCursor<T extends TSchema>(shape: T, scope: ListScope, cursor: string): Static<T> {
  const bytes = Buffer.from(cursor, "base64url");
  const json = bytes.subarray(digestBytes).toString("utf8");
  // Node passes over characters that are no base64url.
  const isOurs =
    bytes.toString("base64url") === cursor && digest(scope, json).equals(bytes.subarray(0, digestBytes));
  const position = isOurs ? parse(json) : undefined;
  if (!Check(shape, position))
    throw new DomainError("invalid-cursor", "Start the list again without a cursor");
  return position;
}

const digestBytes = 16;

const digest = (scope: ListScope, json: string): Buffer =>
  createHash("sha256")
    .update(JSON.stringify([scope.map((part) => part ?? null), json]))
    .digest()
    .subarray(0, digestBytes);

function parse(json: string): unknown {
  try {
    return parseJson(json);
  } catch {
    return undefined;
  }
}
