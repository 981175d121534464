import type { ChangePlanInput, PatchMeInput, Plan, User } from "../../contract/accounts.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import { plans } from "../plans.ts";
import type { AccountsDeps } from "./deps.ts";
import { cleanName } from "./names.ts";
import { endSessions } from "./sessions.ts";
import { toUser } from "./user.ts";

type AccountDeps = Pick<AccountsDeps, "accounts">;

export async function getMe({ accounts }: AccountDeps, { email, userId }: Actor): Promise<User> {
  const account = await accounts.get(email);
  if (account?.userId !== userId) throw new DomainError("session-ended");
  return toUser(account);
}

/** @throws DomainError `invalid-request` */
export async function patchMe(
  { accounts }: AccountDeps,
  actor: Actor,
  { userName }: PatchMeInput,
): Promise<User> {
  const changes = userName === undefined ? {} : { userName: cleanName("userName", userName) };
  return toUser(await accounts.update(actor, changes));
}

/** The stream of `login` tells every device and every response that flows. */
export const changePlan = async (
  { accounts }: AccountDeps,
  actor: Actor,
  { plan }: ChangePlanInput,
): Promise<User> => toUser(await accounts.update(actor, { plan }));

/**
 * Deletes the account and every row of it. Each step may be repeated, and the own session goes last, so that a
 * deletion that was cut short can be asked for again. Sessions are swept twice: one may open until the account
 * is gone.
 */
export async function deleteMe(
  deps: Pick<AccountsDeps, "accounts" | "sessions" | "closeAccount">,
  { userId, email, sessionId }: Actor,
): Promise<void> {
  await endSessions(deps, userId, sessionId);
  await deps.closeAccount(userId);
  await deps.accounts.delete({ email, userId });
  await endSessions(deps, userId);
  await deps.sessions.delete(sessionId);
}

export const listPlans = async (): Promise<{ items: Plan[] }> => ({ items: [...plans] });
