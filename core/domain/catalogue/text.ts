import { createHash } from "node:crypto";
import { fold } from "./fold.ts";

/** Most bytes of a name in a sort key, which holds 1,024 (DynamoDB Developer Guide, "Constraints"). */
const maxKeyBytes = 512;

/**
 * A folded name as far as it decides an order: folding can make one character eighteen (U+FDFA). Names that are alike so
 * far are told apart by what follows in the key, an id.
 */
export const sortKeyOf = (name: string): string => cutKey(fold(name));

/** At most `maxKeyBytes` of UTF-8, cut between code points. */
export function cutKey(folded: string): string {
  if (Buffer.byteLength(folded) <= maxKeyBytes) return folded;
  const { read } = new TextEncoder().encodeInto(folded, new Uint8Array(maxKeyBytes));
  return folded.slice(0, read);
}

/** An id that follows from a name: two spellings that fold alike are one artist or album. */
const nameId = (...names: string[]): string =>
  createHash("sha256").update(names.map(fold).join("\0")).digest("base64url").slice(0, 16);

export const artistIdOf = (artist: string): string => nameId("artist", artist);
export const albumIdOf = (albumArtist: string, album: string): string => nameId("album", albumArtist, album);
