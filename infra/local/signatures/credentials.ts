import { randomBytes } from "node:crypto";

/** The keys that an embedded engine's requests are signed with. */
export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** Keys that nobody else knows, for one start. */
export const createCredentials = (): Credentials => ({
  accessKeyId: `ENCORE${randomBytes(10).toString("hex").toUpperCase()}`,
  secretAccessKey: randomBytes(30).toString("base64url"),
});
