import { createHash, timingSafeEqual } from "node:crypto";

/** Whether what was given is the secret. Hashed first, so that it takes the same time for every guess, of any length. */
export function isSecret(secret: string, given: unknown): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return typeof given === "string" && timingSafeEqual(digest(secret), digest(given));
}
