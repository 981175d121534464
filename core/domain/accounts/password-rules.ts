import { DomainError } from "../errors.ts";
import { isCommonPassword } from "./common-passwords.ts";

const minCharacters = 8;

type Owner = { readonly email: string; readonly userName: string };

/** Length, and nothing that is tried first (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.11). @throws DomainError `weak-password` */
export function requireGoodPassword(password: string, owner: Owner): void {
  const weakness = weaknessOf(password, owner);
  if (weakness !== undefined) throw new DomainError("weak-password", weakness);
}

function weaknessOf(password: string, { email, userName }: Owner): string | undefined {
  if ([...password].length < minCharacters) return `Use at least ${minCharacters} characters`;
  const lower = password.toLowerCase();
  const own = [email, email.split("@")[0], userName.toLowerCase()];
  if (own.includes(lower)) return "Use something else than your name or address";
  if (isCommonPassword(lower)) return "This is one of the passwords that are tried first; use a rarer one";
  return undefined;
}
