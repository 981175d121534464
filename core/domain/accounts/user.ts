import type { User } from "../../contract/accounts.ts";
import { entitlementsOf } from "../plans.ts";
import type { Account } from "./ports.ts";

/** An account as its owner sees it. */
export const toUser = ({ userId, email, userName, role, plan, createdAt }: Account): User => ({
  userId,
  email,
  userName,
  role,
  plan,
  entitlements: entitlementsOf(plan),
  createdAt,
});
