import type { Api, ChangeHeaders } from "../../../client/api.ts";
import { ApiFailure, offline } from "../../../client/failure.ts";
import type { Actor } from "../../../core/domain/actor.ts";
import { DomainError } from "../../../core/domain/errors.ts";
import { listSubscriptions } from "../../../core/domain/subscriptions/list.ts";
import {
  deleteSubscription,
  patchSubscription,
  putSubscription,
} from "../../../core/domain/subscriptions/write.ts";
import type { TestDeps } from "../../support/subscriptions.ts";

/** What becomes of a call. */
export type Fate = "answered" | "request lost" | "answer lost";

export type SubscriptionApi = Pick<
  Api,
  "subscriptions" | "putSubscription" | "patchSubscription" | "deleteSubscription"
>;

/** The server's own use cases behind a network that loses requests and answers as the test says. */
export function createLossyServer(deps: TestDeps, actor: Actor, fate: () => Fate) {
  let underWay = 0;

  async function call<T>(work: () => Promise<T>): Promise<T> {
    const what = fate();
    underWay += 1;
    try {
      if (what === "request lost") throw offline();
      const answer = await work();
      if (what === "answer lost") throw offline();
      return answer;
    } catch (error) {
      throw error instanceof DomainError ? new ApiFailure(error.kind, error.message) : error;
    } finally {
      underWay -= 1;
    }
  }

  const api: SubscriptionApi = {
    subscriptions: (query) => call(() => listSubscriptions(deps, actor, query)),
    putSubscription: (songId, body, conditions) =>
      call(() => putSubscription(deps, actor, { songId, ...body, ...inputOf(conditions) })),
    patchSubscription: (songId, body, conditions) =>
      call(() => patchSubscription(deps, actor, { songId, ...body, ...inputOf(conditions) })),
    deleteSubscription: (songId, conditions) =>
      call(() => deleteSubscription(deps, actor, { songId, ...inputOf(conditions) })),
  };
  return { api, isIdle: () => underWay === 0 };
}

const inputOf = ({ idempotencyKey, ...conditions }: ChangeHeaders) => ({
  ...conditions,
  ...(idempotencyKey !== undefined && { changeId: idempotencyKey }),
});
