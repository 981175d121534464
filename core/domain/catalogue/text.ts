import { createHash } from "node:crypto";

/**
 * Text as it is compared and sorted: compatibility forms made one, diacritics taken off, lower case, blanks
 * single (Unicode Standard Annex #15, NFKD).
 */
export const fold = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{Mn}+/gu, "")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim()
    .normalize("NFC");

/** An id that follows from a name: two spellings that fold alike are one artist or album. */
const nameId = (...names: string[]): string =>
  createHash("sha256").update(names.map(fold).join("\0")).digest("base64url").slice(0, 16);

export const artistIdOf = (artist: string): string => nameId("artist", artist);
export const albumIdOf = (albumArtist: string, album: string): string => nameId("album", albumArtist, album);
