import type { Role } from "../contract/accounts.ts";

/** What operators and the security rules did, for whoever looks into it later. No secret, no e-mail address. */
type AuditEntry = {
  readonly action: "refresh-token-reused" | "connection-ended" | "role-granted";
  /** The account it was done to. */
  readonly userId: string;
  readonly sessionId?: string;
  /** What the account was made, of `role-granted`. */
  readonly role?: Role;
  /** The operator who did it; absent where a rule did, or whoever runs the installation. */
  readonly byUserId?: string;
};

export type AuditLog = { record(entry: AuditEntry): Promise<void> };
