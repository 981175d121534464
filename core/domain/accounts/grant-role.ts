import type { Role } from "../../contract/accounts.ts";
import type { AuditLog } from "../audit.ts";
import { DomainError } from "../errors.ts";
import { emailForms } from "./email-address.ts";
import { findAccount } from "./find-account.ts";
import type { Account, AccountStore } from "./ports.ts";

export type GrantDeps = {
  readonly accounts: Pick<AccountStore, "get" | "update">;
  readonly audit: AuditLog;
};

/**
 * Gives an account a role, whatever it had before; for whoever runs the installation, past every sign-in. All of the
 * account's sessions have the role with their next request.
 * @throws DomainError `not-found`, `invalid-request`
 */
export async function grantRole(
  { accounts, audit }: GrantDeps,
  { email, role }: { readonly email: string; readonly role: Role },
): Promise<Account> {
  const forms = emailForms(email);
  const account = await findAccount({ accounts }, forms);
  if (!account) throw new DomainError("not-found", `No account has the address ${forms.canonical}`);
  await audit.record({ action: "role-granted", userId: account.userId, role });
  return accounts.update(account, { role });
}
