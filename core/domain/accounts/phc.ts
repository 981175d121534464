/** What an scrypt hash was made with: N = 2^ln, r, p (RFC 7914 §2). */
export type ScryptCost = { readonly ln: number; readonly r: number; readonly p: number };
export type ScryptHash = { readonly cost: ScryptCost; readonly salt: Buffer; readonly hash: Buffer };

const base64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
const pattern = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** The PHC string format: `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`, base64 without padding. */
export const toPhc = ({ cost: { ln, r, p }, salt, hash }: ScryptHash): string =>
  `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;

export function fromPhc(text: string): ScryptHash {
  const [, ln, r, p, salt = "", hash = ""] = pattern.exec(text) ?? [];
  if (hash === "") throw new Error("A stored password hash is not in PHC format");
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}
