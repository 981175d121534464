import { isUtf8 } from "node:buffer";

/**
 * Names of files as a file system has them: on POSIX any bytes but `/` and NUL, in whatever encoding their writer used.
 */

/** What a terminal would obey, or show as something else: controls, separators, halves of pairs, changes of direction. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Text that any terminal shows on one line as it is: what is not printable is escaped, like `\x1b`. */
export const printable = (text: string): string => text.replace(unprintable, escapeCharacter);

/** A name to be shown: UTF-8 as text, any other byte escaped, like `\xf6`. */
export const showName = (name: Buffer): string =>
  printable(isUtf8(name) ? name.toString() : name.toString("latin1").replace(beyondAscii, readSequence));

/** Sequences of the shape of UTF-8, or single bytes, in text that has a character a byte. */
const beyondAscii = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g;

function readSequence(sequence: string): string {
  const bytes = Buffer.from(sequence, "latin1");
  return isUtf8(bytes) ? bytes.toString() : sequence.replace(/./g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, "0")}`;
}

const windows1252 = new TextDecoder("windows-1252");

/** A name as text that may become a title: what is not UTF-8 was most often written under Windows. */
export const readName = (name: Buffer): string => (isUtf8(name) ? name.toString() : windows1252.decode(name));

const slash = "/".charCodeAt(0);

/** The last part of a path. */
export const lastPart = (path: Buffer): Buffer => path.subarray(path.lastIndexOf(slash) + 1);

/** The folder of an absolute path. */
export const folderOf = (path: Buffer): Buffer => path.subarray(0, Math.max(1, path.lastIndexOf(slash)));

/** A path below a folder; Windows takes `/` as well. */
export const join = (folder: Buffer, name: Buffer): Buffer =>
  folder.length === 0 ? name : Buffer.concat([folder, Buffer.from("/"), name]);
