import { Check } from "typebox/value";
import { Role } from "../../../core/contract/accounts.ts";
import { demoEmails } from "../demo/accounts.ts";
import { UsageError } from "../usage-error.ts";

export type GrantCommand = { readonly email: string; readonly role: Role };

const roles = Role.anyOf.map(({ const: name }) => name);

export const grantUsage = `Usage: npm run grant -- EMAIL ROLE

Gives an account a role: ${roles.join(", ")}. The account must be there: register it in the player first. It counts
at once, also for sessions that are open, and is recorded in the table audit. Works while Encore runs, and while it
does not.

DATA_DIR                    the data folder of the Encore that is meant (.data)
AWS_ENDPOINT_URL_DYNAMODB   the tables, where they are not in that folder

Exit code: 0 the role is granted; 1 it is not; 2 the call cannot be understood.`;

/** @returns undefined where only help is asked for. @throws UsageError */
export function readGrantCommand(args: readonly string[]): GrantCommand | undefined {
  if (args.includes("--help") || args.includes("-h")) return undefined;
  const [email, role, ...more] = args;
  if (email === undefined || role === undefined || more.length > 0)
    throw new UsageError(`Name an e-mail address and a role.\n\n${grantUsage}`);
  if (!Check(Role, role)) throw new UsageError(`A role is ${roles.join(", ")}, not ${role}`);
  if (demoEmails.includes(email.trim().toLowerCase()))
    throw new UsageError(
      `${email} is a demo account, which has its role by itself; name an account of your own`,
    );
  return { email, role };
}
