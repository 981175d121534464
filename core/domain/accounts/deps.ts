import type { AuditLog } from "../audit.ts";
import type { PasswordHasher } from "./passwords.ts";
import type { AccountStore } from "./ports.ts";
import type { SessionDeps } from "./sessions.ts";
import type { ThrottleDeps } from "./throttle.ts";

/** What the use cases of accounts need; each takes the part it uses. */
export type AccountsDeps = SessionDeps &
  ThrottleDeps & {
    readonly accounts: AccountStore;
    readonly passwords: PasswordHasher;
    readonly audit: AuditLog;
    /** Closes and deletes the account's subscriptions; may be repeated. */
    readonly closeAccount: (userId: string) => Promise<void>;
  };

/** What is known of a device that has not signed in. */
export type Caller = { readonly address: string; readonly userAgent: string };
