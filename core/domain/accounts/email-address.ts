import { domainToASCII, domainToUnicode } from "node:url";
import { requireText } from "../shared/text.ts";

/**
 * An address, and every form in which a row of before may name it: keyboards and browsers write one address in several
 * ways (accents composed or not; a domain in Unicode or, from `<input type=email>`, in punycode).
 */
export type EmailForms = {
  /** The one form of all of them: lower case, NFC, the domain in ASCII (RFC 6532 §3.1, UTS #46). Accounts are kept by it. */
  readonly canonical: string;
  /** The canonical form among them; that in which it was typed comes first. */
  readonly all: readonly string[];
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is named by its bounds
const ascii = /^[\x00-\x7f]*$/;
/** What a URL's host cannot hold or would end at. */
const noDomain = /[\s/\\?#%:@[\]<>^|]/;

/** @throws DomainError `invalid-request` for an address with characters that nobody sees */
export function emailForms(typed: string): EmailForms {
  const text = typed.trim().toLowerCase();
  requireText("body/email", text);
  const at = text.lastIndexOf("@");
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  const inAscii = toAscii(domain);
  const canonical = `${local.normalize("NFC")}@${inAscii ?? domain.normalize("NFC")}`;
  const domains = [domain, inAscii ?? domain, domainToUnicode(inAscii ?? "") || domain].flatMap(composed);
  const all = composed(local).flatMap((one) => domains.map((other) => `${one}@${other}`));
  return { canonical, all: [...new Set([text, canonical, ...all])] };
}

const composed = (text: string): string[] => [text.normalize("NFC"), text.normalize("NFD")];

/** Undefined where a domain is none that IDNA knows; such a one is only itself. One that is in ASCII stays as it is. */
function toAscii(domain: string): string | undefined {
  if (ascii.test(domain))
    return domain.includes("xn--") && !noDomain.test(domain) ? domainToASCII(domain) || domain : domain;
  return noDomain.test(domain) ? undefined : domainToASCII(domain) || undefined;
}
