import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Change, Subscription } from "../../../../core/contract/subscriptions.ts";
import type { Actor } from "../../../../core/domain/actor.ts";
import type { Head } from "../../../../core/domain/subscriptions/head.ts";
import { applyChanges, applySnapshot, emptyReplica } from "../../../../core/domain/subscriptions/replica.ts";
import { resume } from "../../../../core/domain/subscriptions/resume.ts";
import {
  deleteSubscription,
  patchSubscription,
  putSubscription,
} from "../../../../core/domain/subscriptions/write.ts";
import { startTestAws, type TestAws } from "../../../support/engines.ts";
import { type History, listAt } from "../../../support/history.ts";
import { seeded } from "../../../support/property.ts";
import { databaseOf, newActor, subscriptionDeps, wholeList } from "../../../support/subscriptions.ts";
import { Crash, crashingStore, type Fault } from "./crashing-store.ts";

let aws: TestAws;
beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());

const steps = fc.record({
  kind: fc.constantFrom("put" as const, "put" as const, "put" as const, "patch" as const, "delete" as const),
  songId: fc.constantFrom("a", "a", "__proto__"),
  rating: fc.integer({ min: 1, max: 5 }),
  pinned: fc.boolean(),
  fault: fc.constantFrom<Fault>("none", "none", "before-commit", "answer-lost", "before-row"),
});
type Step = (typeof steps extends fc.Arbitrary<infer T> ? T : never) & { readonly changeId: string };

/** Several devices of one user, each changing songs one after the other. */
const devices = fc
  .array(fc.array(steps, { minLength: 4, maxLength: 8, size: "max" }), {
    minLength: 1,
    maxLength: 4,
    size: "max",
  })
  .map((all) =>
    all.map((own, device) => own.map((step, n): Step => ({ ...step, changeId: `device-${device}-${n}` }))),
  );

it("leaves contiguous revisions and the right state whatever crashes between the writes of several devices", async () => {
  await fc.assert(
    fc.asyncProperty(devices, async (scripts) => {
      const actor = newActor();
      const heads: Head[] = [];
      await Promise.all(scripts.map((script) => runDevice(actor, script, (head) => heads.push(head))));
      const history = heads.sort((a, b) => a.headRevision - b.headRevision).map(lastOf);
      expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index + 1));
      expectEachChangeOnce(heads);
      expectEachStepRight(history, heads, new Map(scripts.flat().map((step) => [step.changeId, step])));
      await expectReadersAgree(actor, history);
    }),
    seeded("writers", 20),
  );
}, 120_000);

const lastOf = ({ last }: Head): Change => {
  if (!last) throw new Error("A committed head carries its change");
  return last;
};

/**
 * A device sends a change until it has an answer, always by the same name. At the end it sends again what was
 * committed, as one does whose answers came late; that must change nothing.
 */
async function runDevice(actor: Actor, script: readonly Step[], committed: (head: Head) => void) {
  const sendAgain = new Set<string>();
  let arm = (_: Fault): void => {};
  const deps = subscriptionDeps(databaseOf(aws), (store) => {
    const crashing = crashingStore(store, (head) => {
      committed(head);
      sendAgain.add(head.changeIds.at(-1) ?? "");
    });
    arm = crashing.arm;
    return crashing.store;
  });
  for (const step of script) {
    arm(step.fault);
    while (!(await isAnswered(send(deps, actor, step), step)));
  }
  arm("none");
  for (const step of script) if (sendAgain.has(step.changeId)) await send(deps, actor, step);
}

/** A crash is no answer; a refusal is one. */
async function isAnswered(sent: Promise<unknown>, { kind }: Step): Promise<boolean> {
  try {
    await sent;
  } catch (error) {
    if (error instanceof Crash) return false;
    expect([kind, error]).toEqual(["patch", expect.objectContaining({ kind: "not-found" })]);
  }
  return true;
}

function send(deps: ReturnType<typeof subscriptionDeps>, actor: Actor, step: Step) {
  const { kind, songId, changeId, rating, pinned } = step;
  if (kind === "delete") return deleteSubscription(deps, actor, { songId, changeId });
  if (kind === "patch") return patchSubscription(deps, actor, { songId, changeId, rating });
  return putSubscription(deps, actor, { songId, changeId, rating, pinned });
}

function expectEachChangeOnce(heads: readonly Head[]): void {
  const names = heads.map(({ changeIds }) => changeIds.at(-1));
  expect(new Set(names).size).toBe(names.length);
}

/** The oracle: each committed change is what its step makes of the state before it. */
function expectEachStepRight(history: History, heads: readonly Head[], named: Map<string, Step>): void {
  for (const [index, change] of history.entries()) {
    const step = named.get(heads[index]?.changeIds.at(-1) ?? "");
    if (!step) throw new Error("A change that no device made");
    const before = listAt(history, index).find(({ songId }) => songId === step.songId);
    expect(change.songId).toBe(step.songId);
    expect(settingsOf(change.subscription)).toEqual(wanted(step, before));
    expect(heads[index]?.count).toBe(listAt(history, index + 1).length);
  }
}

const settingsOf = (subscription: Subscription | undefined) =>
  subscription && { rating: subscription.rating, pinned: subscription.pinned };

function wanted(step: Step, before: Subscription | undefined) {
  if (step.kind === "delete") return undefined;
  return { rating: step.rating, pinned: step.kind === "put" ? step.pinned : before?.pinned };
}

/** The list, paged small, and a device that resumes from any revision both come to the last state. */
async function expectReadersAgree(actor: Actor, history: History): Promise<void> {
  const deps = subscriptionDeps(databaseOf(aws));
  const { userId } = actor;
  const end = listAt(history, history.length);
  const list = await wholeList(deps, actor, 1);
  expect(list).toMatchObject({ revision: history.length, items: end });
  for (let since = 0; since <= history.length; since++) {
    const answer = await resume(deps, { userId, epoch: list.epoch, since });
    const items = listAt(history, since);
    const { replica } = applySnapshot(emptyReplica, { epoch: list.epoch, revision: since, items });
    const after = answer.kind === "changes" ? applyChanges(replica, answer).replica : replica;
    expect(answer.kind).toBe(since === history.length ? "current" : "changes");
    expect([...after.subscriptions.values()].sort((a, b) => (a.songId < b.songId ? -1 : 1))).toEqual(end);
  }
}
