import type { Change } from "../../../../core/contract/subscriptions.ts";
import type { Head } from "../../../../core/domain/subscriptions/head.ts";
import type { SubscriptionStore } from "../../../../core/domain/subscriptions/ports.ts";

/**
 * Where a writer is stopped: before the head's write reaches the engine, after it but before its answer arrives,
 * or between the two writes.
 */
export type Fault = "none" | "before-commit" | "answer-lost" | "before-row";

export class Crash extends Error {}

/** A writer's view of the engine: the next change meets the armed fault once. Tells each head it committed. */
export function crashingStore(store: SubscriptionStore, committed: (head: Head) => void = () => {}) {
  let armed: Fault = "none";
  const meets = (fault: Fault): boolean => {
    const met = armed === fault;
    if (met) armed = "none";
    return met;
  };
  return {
    arm(fault: Fault) {
      armed = fault;
    },
    store: {
      ...store,
      async commit(head: Head) {
        if (meets("before-commit")) throw new Crash("before the commit");
        const done = await store.commit(head);
        if (done) committed(head);
        if (done && meets("answer-lost")) throw new Crash("the answer was lost");
        return done;
      },
      async writeSong(userId: string, change: Change) {
        if (meets("before-row")) throw new Crash("before the row");
        await store.writeSong(userId, change);
      },
    } satisfies SubscriptionStore,
  };
}
