import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { tokenEnvironment } from "../../core/domain/accounts/config.ts";
import { generateTokenKeys } from "../../core/domain/accounts/tokens.ts";

/** Variables that no two installations share. */
export type Secrets = Readonly<Record<string, string>>;

/** What an installation keeps to itself: made at its first start, for its owner alone to read. */
export async function readSecrets(file: string): Promise<Secrets> {
  const stored = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (stored !== undefined) return JSON.parse(stored) as Secrets;
  const secrets = {
    ...tokenEnvironment(generateTokenKeys()),
    MANAGEMENT_SECRET: randomBytes(32).toString("base64url"),
  };
  await writeFile(file, JSON.stringify(secrets, undefined, 2), { mode: 0o600, flag: "wx" });
  return secrets;
}
