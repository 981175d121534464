import { DomainError } from "../errors.ts";
import { commonWords } from "./common-passwords.ts";
import { type Piece, piecesOf, type Vocabulary } from "./password-pieces.ts";

const minCharacters = 8;
/** So many different pieces at least, of which a common word, a sequence or a date is one, */
const minPieces = 4;
/** and where there is no word, so many. */
const minCharactersApart = 5;
const enoughCharacters = 64;

type Owner = { readonly email: string; readonly userName: string };

/** Length, and nothing that is tried first (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.11). @throws DomainError `weak-password` */
export function requireGoodPassword(password: string, owner: Owner): void {
  const weakness = weaknessOf(password, { own: wordsOf(owner), common: commonWords });
  if (weakness !== undefined) throw new DomainError("weak-password", weakness);
}

/** What makes a password one that is tried first; undefined where nothing does. */
export function weaknessOf(password: string, vocabulary: Vocabulary): string | undefined {
  if ([...password].length < minCharacters) return `Use at least ${minCharacters} characters`;
  const lower = password.normalize("NFKC").toLowerCase();
  if (!/[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{C}\u2800]/u.test(lower))
    return "Use characters that can be seen, not blanks alone";
  const once = withoutRepetition(lower);
  if (once !== lower && [...once].length < minCharacters)
    return "It repeats a few characters; use some that do not repeat";
  const start = [...once].slice(0, enoughCharacters).join("");
  // Where the start is good by itself, what follows need not be looked at, however long it is.
  return start === once
    ? weaknessOfText(once, vocabulary)
    : weaknessOfText(start, vocabulary) && weaknessOfText(once, vocabulary);
}

/** The shortest text that makes this one when it is repeated, half of it at least and the last time perhaps in part. */
function withoutRepetition(text: string): string {
  const characters = [...text];
  const longest = Math.min((characters.length * 2) / 3, enoughCharacters);
  for (let period = 1; period <= longest; period += 1)
    if (characters.every((character, index) => index < period || character === characters[index - period]))
      return characters.slice(0, period).join("");
  return text;
}

function weaknessOfText(lower: string, vocabulary: Vocabulary): string | undefined {
  const readings = [lower, [...lower].reverse().join(""), lower.replaceAll(/(.)\1/gsu, "$1")];
  return readings
    .map((reading) => weaknessOfPieces(piecesOf(reading, vocabulary)))
    .find((weakness) => weakness !== undefined);
}

function weaknessOfPieces(pieces: readonly Piece[]): string | undefined {
  const different = new Map(pieces.map((piece) => [piece.text, piece.kind]));
  const kinds = new Set(different.values());
  const hasWord = kinds.has("own") || kinds.has("common");
  if (different.size >= (hasWord ? minPieces : minCharactersApart)) return undefined;
  if (kinds.has("own"))
    return "It is little more than your name, your address or Encore's; use something else, or more of it";
  if (kinds.has("common"))
    return "It is little more than a word that is tried first; use a rarer one, or several words";
  return "It is little more than a sequence, a row of keys, a date or a repetition; use something that nobody would try";
}

/** The product's own. */
const productWords = ["encore"];

/** The words that a person is known by: the name and the address, whole and in parts. */
function wordsOf({ email, userName }: Owner): ReadonlySet<string> {
  const [address, name] = [email, userName].map((text) => text.normalize("NFKC").toLowerCase());
  const [local = "", domain = ""] = address?.split("@") ?? [];
  const texts = [address, local, domain, name, ...domain.split(".")].filter((text) => text !== undefined);
  const joined = [local, name ?? ""].map((text) => text.replaceAll(/[^\p{L}\p{N}]/gu, ""));
  const parts = texts.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u));
  const words = [...texts, ...joined, ...parts].filter((word) => [...word].length >= 3);
  return new Set([...productWords, ...words]);
}
