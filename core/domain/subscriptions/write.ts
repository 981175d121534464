import type {
  PatchSubscriptionInput,
  PutSubscriptionInput,
  SubscriptionResult,
} from "../../contract/subscriptions.ts";
import type { Actor } from "../actor.ts";
import { type ChangeInput, commitChange } from "./commit.ts";
import type { SubscriptionDeps } from "./ports.ts";
import { patched, replaced } from "./settings.ts";

/** Subscribes to a song, or sets all of a subscription. */
export const putSubscription = (
  deps: SubscriptionDeps,
  actor: Actor,
  input: ChangeInput & PutSubscriptionInput,
): Promise<SubscriptionResult> =>
  commitChange(deps, actor, input, (current) => replaced(current, input.songId, input, deps.clock.now()));

/** Changes what is named of a subscription that is there. */
export const patchSubscription = (
  deps: SubscriptionDeps,
  actor: Actor,
  input: ChangeInput & PatchSubscriptionInput,
): Promise<SubscriptionResult> =>
  commitChange(deps, actor, input, (current) => (current ? patched(current, input) : "missing"));

/** Unsubscribes; where there is nothing to remove, nothing changes. */
export const deleteSubscription = (
  deps: SubscriptionDeps,
  actor: Actor,
  input: ChangeInput,
): Promise<SubscriptionResult> => commitChange(deps, actor, input, () => undefined);
