import { ulid } from "ulid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { backoff } from "../../../core/aws/backoff.ts";
import { createStreamSlotStore } from "../../../core/aws/stream-slot-store.ts";
import type { PlanName } from "../../../core/contract/accounts.ts";
import { createHoldBack } from "../../../core/domain/entitlement/hold-back.ts";
import type { StreamSlots } from "../../../core/domain/entitlement/slots-row.ts";
import type { StreamSlotStore } from "../../../core/domain/entitlement/stream-slots.ts";
import { DomainError } from "../../../core/domain/errors.ts";
import { pushEventOf } from "../../../core/domain/live/push/push-event.ts";
import type { HeldSlot, Listener, OpenResponse } from "../../../server/entitlement/held-slot.ts";
import { createHeldSlots, type HeldSlots } from "../../../server/entitlement/held-slots.ts";
import { createNodeEvents, type NodeEvents } from "../../../server/live/node-events.ts";
import { startTestAws, type TestAws } from "../../support/engines.ts";
import { silent } from "../../support/live-node.ts";
import { databaseOf } from "../../support/subscriptions.ts";
import { until } from "../../support/until.ts";

let aws: TestAws;
beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());

/** What the account says, and how often it was asked. */
let account: { plan: PlanName; ended: Set<string>; reads: number; onRead: (read: number) => void };
/** Milliseconds: of the wall clock, and of the one that nobody sets. */
let now: number;
let elapsed: number;
let alive: Set<string>;
let open: HeldSlots[];
let events: NodeEvents;
let userId: string;
let pushesAreLost: boolean;

beforeEach(() => {
  account = { plan: "free", ended: new Set(), reads: 0, onRead: () => {} };
  elapsed = 0;
  pushesAreLost = false;
  [now, alive, open, events, userId] = [
    Date.now(),
    new Set(["node-a", "node-b"]),
    [],
    createNodeEvents(),
    ulid(),
  ];
});
afterEach(async () => {
  await Promise.all(open.map((slots) => slots.close()));
});

/** The row, of whose writes pushes tell as the stream does. */
function slotStore(): StreamSlotStore {
  const store = createStreamSlotStore(databaseOf(aws));
  const imageOf = ({ version, bySession, displaced }: StreamSlots) => ({
    userId,
    connectionId: "streams",
    version,
    places: Object.fromEntries(bySession),
    displaced: Object.fromEntries(displaced),
  });
  return {
    read: store.read,
    async write(id, after) {
      const before = await store.read(id);
      if (!(await store.write(id, after))) return false;
      const event = pushEventOf({ table: "connection", before: imageOf(before), after: imageOf(after) });
      if (event?.kind === "places-revoked" && !pushesAreLost) events.emit(event);
      return true;
    },
  };
}
const held = async () => [...(await slotStore().read(userId)).bySession.keys()];
const newListener = (): Listener => ({ userId, sessionId: ulid(), email: "listener@example.com" });

function start(options: { idleMs?: number; recheckMs?: number; endpointId?: () => string } = {}): HeldSlots {
  const { endpointId = () => "node-a", ...times } = options;
  const clock = { now: () => new Date(now) };
  const elapsedMs = () => elapsed;
  const slots = createHeldSlots({
    slots: slotStore(),
    backoff,
    log: silent,
    endpointId,
    clock,
    elapsedMs,
    ...times,
    isHeldBack: createHoldBack({ clock, elapsedMs }),
    aliveEndpoints: async () => alive,
    onAccountEvent: events.onAccountEvent,
    loadEntitlement: async ({ sessionId }) => {
      account.onRead(++account.reads);
      if (account.ended.has(sessionId)) throw new DomainError("session-ended");
      return { plan: account.plan, deviceName: "Test" };
    },
  });
  open.push(slots);
  return slots;
}

/** A response that flows on a slot. */
function flow(slots: HeldSlots, slot: HeldSlot, isAllowedBy: OpenResponse["isAllowedBy"] = () => true) {
  const controller = new AbortController();
  const response = { isAllowedBy, end: (reason: DomainError) => controller.abort(reason) };
  slots.addResponse(slot, response);
  return { signal: controller.signal, release: () => slots.removeResponse(slot, response) };
}
const refusal = (work: unknown) =>
  Promise.resolve(work).then(
    () => "none",
    (error: DomainError) => error.kind,
  );

describe("A slot", () => {
  it("costs no read while it is held", async () => {
    const slots = start();
    const listener = newListener();
    const response = flow(slots, await slots.acquire(listener));
    const { reads } = account;
    for (let range = 0; range < 100; range++) await slots.acquire(listener);
    expect(account.reads).toBe(reads);
    response.release();
  });

  it("is not taken at a process that closes, whose listeners are told to come again, and none is left behind", async () => {
    const slots = start();
    // The first reading is before the slot is written, the second after.
    const closings: Promise<void>[] = [];
    account.onRead = (read) => read <= 2 && closings.push(slots.close());
    await expect(refusal(slots.acquire(newListener()))).resolves.toBe("unavailable");
    await Promise.all(closings);
    expect(await held()).toEqual([]);
    await expect(refusal(slots.acquire(newListener()))).resolves.toBe("unavailable");
  });

  it("is asked about again when it has been believed for a minute", async () => {
    const slots = start({ recheckMs: 60_000 });
    const listener = newListener();
    await slots.acquire(listener);
    const { reads } = account;
    elapsed += 59_999;
    await slots.acquire(listener);
    expect(account.reads).toBe(reads);
    elapsed += 1;
    await slots.acquire(listener);
    expect(account.reads).toBe(reads + 1);
  });

  it("is free again some time after the last byte, and not while bytes flow", async () => {
    const slots = start({ idleMs: 40 });
    const listener = newListener();
    const first = flow(slots, await slots.acquire(listener));
    const second = flow(slots, await slots.acquire(listener));
    first.release();
    // So long as another's slot takes to be free.
    const other = { ...newListener(), userId: ulid() };
    await slots.acquire(other);
    const isFree = async () => (await slotStore().read(other.userId)).bySession.size === 0;
    await until("the other's slot is free", isFree);
    expect(await held()).toEqual([listener.sessionId]);
    second.release();
    await until("the slot is free", async () => (await held()).length === 0);
  });

  it("is given to exactly as many devices as the plan has, however many come at once, at two nodes", async () => {
    account.plan = "plus";
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const comings = Array.from({ length: 10 }, async (_, at) => {
      const slots = at % 2 ? a : b;
      const listener = newListener();
      const slot = await Promise.resolve(slots.acquire(listener)).catch((error: DomainError) => error);
      if (slot instanceof DomainError) return [];
      const { signal } = flow(slots, slot);
      return [{ listener, signal }];
    });
    const flows = (await Promise.all(comings)).flat();
    const flowing = flows.filter(({ signal }) => !signal.aborted);
    expect(flowing).toHaveLength(3);
    expect(new Set(await held())).toEqual(new Set(flowing.map(({ listener }) => listener.sessionId)));
  });

  it("of a node that is dead is free, so that nobody else's is taken", async () => {
    account.plan = "plus";
    const slots = start();
    const flows = [
      flow(slots, await slots.acquire(newListener())),
      flow(slots, await slots.acquire(newListener())),
    ];
    await start({ endpointId: () => "node-b" }).acquire(newListener());
    alive.delete("node-b");
    await slots.acquire(newListener());
    expect(flows.map(({ signal }) => signal.aborted)).toEqual([false, false]);
  });

  it("of a node that is dead is no reason to end another when a plan has fewer", async () => {
    account.plan = "plus";
    const slots = start({ recheckMs: 60_000 });
    const listener = newListener();
    const response = flow(slots, await slots.acquire(listener));
    await start({ endpointId: () => "node-b" }).acquire(newListener());
    alive.delete("node-b");
    account.plan = "free";
    elapsed += 60_000;
    await slots.acquire(listener);
    expect(response.signal.aborted).toBe(false);
  });

  it("is written again where it was just being given back", async () => {
    const slots = start();
    const listener = newListener();
    await slots.acquire(listener);
    // Ends the slot, and begins to release it.
    events.emit({ kind: "session-ended", userId, sessionId: listener.sessionId });
    await slots.acquire(listener);
    await until("it is given back", async () => (await slotStore().read(userId)).version >= 2);
    expect(await held()).toEqual([listener.sessionId]);
  });

  it("is written again when its process goes on under another id", async () => {
    let id = "node-a";
    const slots = start({ endpointId: () => id });
    const listener = newListener();
    await slots.acquire(listener);
    alive = new Set(["node-c"]);
    id = "node-c";
    await slots.acquire(listener);
    expect((await slotStore().read(userId)).bySession.get(listener.sessionId)?.endpointId).toBe("node-c");
  });
});

describe("One's own newest device", () => {
  /** One device that plays at a node, on a plan for one, and another that begins at a second node. */
  async function displacedDevice() {
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const [older, newer] = [newListener(), newListener()];
    const oldFlow = flow(a, await a.acquire(older));
    const newFlow = flow(b, await b.acquire(newer));
    return { a, b, older, newer, oldFlow, newFlow };
  }

  it("takes the slot of the one that began first, whose response ends", async () => {
    const { oldFlow, newFlow, newer } = await displacedDevice();
    expect([oldFlow.signal.aborted, newFlow.signal.aborted]).toEqual([true, false]);
    expect(await held()).toEqual([newer.sessionId]);
  });

  it("keeps it from one that asks again by itself, which is told who plays", async () => {
    const { a, b, older, newFlow } = await displacedDevice();
    for (const slots of [a, b]) {
      const refused = Promise.resolve(slots.acquire(older));
      const error = await refused.catch((thrown: DomainError) => thrown);
      expect(error instanceof DomainError && error.toProblem()).toMatchObject({
        kind: "too-many-devices",
        playingOn: ["Test"],
        requiredPlan: "plus",
      });
    }
    expect(newFlow.signal.aborted).toBe(false);
  });

  it("is the one where a person wishes to hear, also on a plan for one", async () => {
    const { a, b, older, newer, newFlow } = await displacedDevice();
    await a.acquire(older, "wish-1");
    expect(newFlow.signal.aborted).toBe(true);
    await expect(refusal(b.acquire(newer))).resolves.toBe("too-many-devices");
    const again = flow(b, await b.acquire(newer, "wish-2"));
    expect(await held()).toEqual([newer.sessionId]);
    // The same wish again is the player's own doing.
    await expect(refusal(a.acquire(older, "wish-1"))).resolves.toBe("too-many-devices");
    expect(again.signal.aborted).toBe(false);
  });

  it("may be one that holds a slot already, whose wish then counts as any", async () => {
    account.plan = "plus";
    const slots = start();
    const devices = [newListener(), newListener(), newListener()] as const;
    for (const device of devices) await slots.acquire(device);
    await slots.acquire(devices[0], "wish");
    await slots.acquire(newListener());
    expect(await held()).not.toContain(devices[1].sessionId);
    expect(await held()).toContain(devices[0].sessionId);
  });

  it.each([
    ["goes", 0],
    ["went back by hours", -3 * 3_600_000],
    ["went on by hours", 3 * 3_600_000],
  ])("keeps it for half a minute and no longer while the wall clock %s", async (_, change) => {
    const { a, older } = await displacedDevice();
    await expect(refusal(a.acquire(older))).resolves.toBe("too-many-devices");
    [now, elapsed] = [now + 30_000 + change, elapsed + 30_000];
    await expect(refusal(a.acquire(older))).resolves.toBe("none");
  });

  it("is not kept waiting by what was long ago, at a process that never saw it", async () => {
    const { older } = await displacedDevice();
    now += 3_600_000;
    await expect(refusal(start().acquire(older))).resolves.toBe("none");
  });

  it("does not lose the slot it took back by a push that comes late", async () => {
    const { a, older } = await displacedDevice();
    const { version } = await slotStore().read(userId);
    const back = flow(a, await a.acquire(older, "wish"));
    events.emit({ kind: "places-revoked", userId, sessionIds: [older.sessionId], version });
    expect(back.signal.aborted).toBe(false);
  });

  it("has it although the push to the other was lost, when the row is read again while bytes flow", async () => {
    pushesAreLost = true;
    const a = start({ recheckMs: 20 });
    const oldFlow = flow(a, await a.acquire(newListener()));
    const b = start({ endpointId: () => "node-b" });
    await b.acquire(newListener());
    expect(oldFlow.signal.aborted).toBe(false);
    elapsed += 20;
    await until("it ends", () => oldFlow.signal.aborted);
  });

  it("ends all that flows to the other, at each node that it uses", async () => {
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const older = newListener();
    const flows = [flow(a, await a.acquire(older)), flow(b, await b.acquire(older))];
    await b.acquire(newListener());
    expect(flows.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  it("keeps its slot when a node where it is idle gives it back, while it plays at another", async () => {
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const listener = newListener();
    await a.acquire(listener);
    flow(b, await b.acquire(listener));
    await a.close();
    expect(await held()).toEqual([listener.sessionId]);
  });

  it("is the one that goes on when a plan has fewer slots, and the others do not come back by themselves", async () => {
    account.plan = "plus";
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const [older, newer] = [newListener(), newListener()];
    const [oldFlow, newFlow] = [flow(a, await a.acquire(older)), flow(b, await b.acquire(newer))];
    account.plan = "free";
    events.emit({ kind: "account", userId, plan: "free", role: "listener" });
    await until("one ends", () => oldFlow.signal.aborted);
    await until("its slot is free", async () => (await held()).length === 1);
    expect(newFlow.signal.aborted).toBe(false);
    await expect(refusal(a.acquire(older))).resolves.toBe("too-many-devices");
  });
});

describe("What is true is read after the slot is taken:", () => {
  it("a session that ended meanwhile gets nothing, and leaves no slot", async () => {
    const listener = newListener();
    account.onRead = (read) => read === 2 && account.ended.add(listener.sessionId);
    await expect(refusal(start().acquire(listener))).resolves.toBe("session-ended");
    expect(await held()).toEqual([]);
  });

  it("a plan that changed meanwhile has its own number of slots", async () => {
    account.plan = "plus";
    const slots = start();
    await slots.acquire(newListener());
    account.reads = 0;
    account.onRead = (read) => {
      if (read === 2) account.plan = "free";
    };
    const last = newListener();
    await slots.acquire(last);
    expect(await held()).toEqual([last.sessionId]);
  });
});

describe("A flowing response", () => {
  it("ends by a push about its session, and by none about another", async () => {
    account.plan = "plus";
    const slots = start();
    const [mine, other] = [newListener(), newListener()];
    const stays = flow(slots, await slots.acquire(other));
    const ends = flow(slots, await slots.acquire(mine));
    events.emit({ kind: "session-ended", userId, sessionId: mine.sessionId });
    expect([ends.signal.aborted, stays.signal.aborted]).toEqual([true, false]);
    await until("its slot is free", async () => !(await held()).includes(mine.sessionId));
  });

  it("ends by a push of a plan that does not include it, and goes on where it does", async () => {
    account.plan = "plus";
    const slots = start();
    const slot = await slots.acquire(newListener());
    const premium = flow(slots, slot, (plan) => plan !== "free");
    const free = flow(slots, slot);
    events.emit({ kind: "account", userId, plan: "free", role: "listener" });
    await until("the premium song ends", () => premium.signal.aborted);
    expect(free.signal.aborted).toBe(false);
  });

  it("ends although the push was lost, when the entitlement is read again while bytes flow", async () => {
    const slots = start({ recheckMs: 20 });
    const listener = newListener();
    const response = flow(slots, await slots.acquire(listener));
    account.ended.add(listener.sessionId);
    elapsed += 20;
    await until("it ends", () => response.signal.aborted);
  });

  it("goes on while the entitlement cannot be read", async () => {
    const slots = start({ recheckMs: 20 });
    const response = flow(slots, await slots.acquire(newListener()));
    let failed = 0;
    account.onRead = () => {
      failed++;
      throw new Error("The table is out of reach");
    };
    elapsed += 20;
    await until("it was tried", () => failed > 2);
    expect(response.signal.aborted).toBe(false);
    response.release();
  });

  it("ends with its node, whose slots are free then", async () => {
    const slots = start();
    const response = flow(slots, await slots.acquire(newListener()));
    await slots.close();
    expect(response.signal.aborted).toBe(true);
    expect(await held()).toEqual([]);
  });
});
