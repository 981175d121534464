import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { createFairSemaphore, type FairSemaphoreLimits, type Requester } from "./fair-semaphore.ts";
import { fromPhc, type ScryptCost, toPhc } from "./phc.ts";

/** OWASP Password Storage Cheat Sheet, scrypt: N = 2^17, r = 8, p = 1; that is 128 MiB and some 300 ms. */
export const defaultScryptCost: ScryptCost = { ln: 17, r: 8, p: 1 };

/** `outdated`: right, but hashed at another cost than today's; hash it again. */
type Verdict = "right" | "outdated" | "wrong";

/** Whoever asks waits with others of its key; work of this process itself has a key of its own. */
export type PasswordHasher = {
  /** @returns a PHC string */
  hash(password: string, requester?: Requester): Promise<string>;
  /** Without a stored hash the answer is `wrong`, after as much work as with one. */
  verify(password: string, stored: string | undefined, requester?: Requester): Promise<Verdict>;
};

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);
const saltBytes = 16;
const hashBytes = 32;

/** A network has as many in line as a household needs, and all of them some 15 s of work. */
export const hashingLimits: FairSemaphoreLimits = { width: 2, queue: 96, queuePerKey: 16 };
const ownWork: Requester = { key: "" };

/**
 * Hashes passwords with scrypt, at most two at once, since each takes its memory; whoever asks takes turns with others.
 * @throws DomainError `unavailable`, `too-many-requests`
 */
export function createPasswordHasher(
  cost: ScryptCost = defaultScryptCost,
  limits: FairSemaphoreLimits = hashingLimits,
): PasswordHasher {
  const inTurn = createFairSemaphore(limits);
  const standIn = toPhc({ cost, salt: randomBytes(saltBytes), hash: randomBytes(hashBytes) });
  const run = (requester: Requester, password: string, salt: Buffer, { ln, r, p }: ScryptCost) =>
    inTurn(requester, () =>
      // One password has one form, whichever keyboard it was typed on (NIST SP 800-63B §3.1.1.2).
      derive(password.normalize("NFKC"), salt, hashBytes, { N: 2 ** ln, r, p, maxmem: 2 ** (ln + 8) * r }),
    );

  return {
    async hash(password, requester = ownWork) {
      const salt = randomBytes(saltBytes);
      return toPhc({ cost, salt, hash: await run(requester, password, salt, cost) });
    },
    async verify(password, stored, requester = ownWork) {
      const known = fromPhc(stored ?? standIn);
      const hash = await run(requester, password, known.salt, known.cost);
      if (!timingSafeEqual(hash, known.hash) || stored === undefined) return "wrong";
      return sameCost(known.cost, cost) ? "right" : "outdated";
    },
  };
}

const sameCost = (a: ScryptCost, b: ScryptCost): boolean => a.ln === b.ln && a.r === b.r && a.p === b.p;
