import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readTokenConfig, tokenEnvironment } from "../../core/domain/accounts/config.ts";
import { createTokenSigner, generateTokenKeys } from "../../core/domain/accounts/tokens.ts";
import type { Log } from "../../core/domain/ports.ts";
import { nodeDisk, replaceFile } from "./disk.ts";
import { lineLog } from "./line-log.ts";

/** Variables that no two installations share. */
export type Secrets = Readonly<Record<string, string>>;

/**
 * What an installation keeps to itself: made at its first start, for its owner alone to read. A file that is empty or
 * damaged is replaced: sessions end, and everybody signs in again.
 * @throws Error that says what to do, for a file that cannot be read or written
 */
export async function readSecrets(file: string, log: Log = lineLog): Promise<Secrets> {
  const stored = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw unusable(file, "read", error);
  });
  const secrets = stored === undefined ? undefined : parse(stored);
  if (secrets) return secrets;
  if (stored !== undefined)
    log.warn({ path: file }, "The secrets were damaged and are made anew; everybody has to sign in again");
  return createSecrets(file);
}

async function createSecrets(file: string): Promise<Secrets> {
  const secrets = {
    ...tokenEnvironment(generateTokenKeys()),
    MANAGEMENT_SECRET: randomBytes(32).toString("base64url"),
  };
  try {
    await replaceFile(nodeDisk, file, JSON.stringify(secrets, undefined, 2), 0o600);
  } catch (error) {
    throw unusable(file, "written", error as NodeJS.ErrnoException);
  }
  return secrets;
}

/** @returns undefined where the text is not what `createSecrets` writes, or its keys do not belong together */
function parse(text: string): Secrets | undefined {
  try {
    const secrets = JSON.parse(text) as Secrets;
    const signer = createTokenSigner(readTokenConfig(secrets), { now: () => new Date() });
    const identity = { userId: "check", sessionId: "check", email: "check@example.com" };
    signer.verify(signer.sign(identity));
    return /^[\w-]{43}$/.test(secrets.MANAGEMENT_SECRET ?? "") ? secrets : undefined;
  } catch {
    return undefined;
  }
}

const unusable = (file: string, verb: string, { code, message }: NodeJS.ErrnoException): Error =>
  new Error(
    `${file} cannot be ${verb} (${code ?? message}); see that it belongs to you and that the disk has space`,
  );
