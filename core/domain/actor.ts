import type { Role } from "../contract/accounts.ts";

/** Who asks: one signed-in device of one account. Use cases get it as a parameter, never from ambience. */
export type Actor = {
  readonly userId: string;
  readonly sessionId: string;
  readonly email: string;
  readonly role: Role;
};
