/** What operators and the security rules did, for whoever looks into it later. No secret, no e-mail address. */
export type AuditEntry = {
  readonly action: "refresh-token-reused" | "connection-ended";
  /** The account it was done to. */
  readonly userId: string;
  readonly sessionId?: string;
  /** The operator who did it; absent where a rule did. */
  readonly byUserId?: string;
};

export type AuditLog = { record(entry: AuditEntry): Promise<void> };
