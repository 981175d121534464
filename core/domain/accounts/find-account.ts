import type { EmailForms } from "./email-address.ts";
import type { Account, AccountStore } from "./ports.ts";

/**
 * The account of an address, in whichever form its row names it; rows of before may name two, and who types what he
 * always typed finds his own. All forms are read whether or not one is found, so that the time tells nothing.
 */
export async function findAccount(
  { accounts }: { readonly accounts: Pick<AccountStore, "get"> },
  { all }: EmailForms,
): Promise<Account | undefined> {
  const found = await Promise.all(all.map((form) => accounts.get(form)));
  return found.find((account) => account !== undefined);
}
