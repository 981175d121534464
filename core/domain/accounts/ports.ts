import type { PlanName, Role } from "../../contract/accounts.ts";

/** One row of `login`. */
export type Account = {
  readonly email: string;
  readonly userId: string;
  readonly userName: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly plan: PlanName;
  readonly createdAt: string;
};

export type AccountStore = {
  /** Consistent read by the normalised address. */
  get(email: string): Promise<Account | undefined>;
  /** @throws DomainError `email-taken` */
  create(account: Account): Promise<void>;
  /** Changes some fields of an existing account and answers it whole. @throws DomainError `not-found` */
  update(
    email: string,
    changes: Partial<Pick<Account, "userName" | "passwordHash" | "plan" | "role">>,
  ): Promise<Account>;
  delete(email: string): Promise<void>;
};
