import { ulid } from "ulid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { backoff } from "../../../core/aws/backoff.ts";
import { createPlaceStore } from "../../../core/aws/place-store.ts";
import type { PlanName } from "../../../core/contract/accounts.ts";
import { DomainError } from "../../../core/domain/errors.ts";
import { pushEventOf } from "../../../core/domain/live/push/push-event.ts";
import { createHoldBack } from "../../../core/domain/streaming/displacements.ts";
import type { PlaceStore, Places } from "../../../core/domain/streaming/places.ts";
import { createNodeEvents, type NodeEvents } from "../../../server/live/node-events.ts";
import {
  createSeats,
  type Listener,
  type OpenResponse,
  type Seat,
  type Seats,
} from "../../../server/streaming/seats.ts";
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
let open: Seats[];
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
  await Promise.all(open.map((seats) => seats.close()));
});

/** The row, of whose writes pushes tell as the stream does. */
function places(): PlaceStore {
  const store = createPlaceStore(databaseOf(aws));
  const imageOf = ({ version, bySession, displaced }: Places) => ({
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
const held = async () => [...(await places().read(userId)).bySession.keys()];
const newListener = (): Listener => ({ userId, sessionId: ulid(), email: "listener@example.com" });

function start(options: { idleMs?: number; recheckMs?: number; endpointId?: () => string } = {}): Seats {
  const { endpointId = () => "node-a", ...times } = options;
  const clock = { now: () => new Date(now) };
  const elapsedMs = () => elapsed;
  const seats = createSeats({
    places: places(),
    backoff,
    log: silent,
    endpointId,
    clock,
    elapsedMs,
    ...times,
    isHeldBack: createHoldBack({ clock, elapsedMs }),
    aliveEndpoints: async () => alive,
    onAccountEvent: events.onAccountEvent,
    standing: async ({ sessionId }) => {
      account.onRead(++account.reads);
      if (account.ended.has(sessionId)) throw new DomainError("session-ended");
      return { plan: account.plan, deviceName: "Test" };
    },
  });
  open.push(seats);
  return seats;
}

/** A response that flows on a seat. */
function flow(seats: Seats, seat: Seat, mayGoOn: OpenResponse["mayGoOn"] = () => true) {
  const controller = new AbortController();
  const response = { mayGoOn, end: (reason: DomainError) => controller.abort(reason) };
  seats.open(seat, response);
  return { signal: controller.signal, release: () => seats.leave(seat, response) };
}
const refusal = (work: unknown) =>
  Promise.resolve(work).then(
    () => "none",
    (error: DomainError) => error.kind,
  );

describe("A place", () => {
  it("costs no read while it is held", async () => {
    const seats = start();
    const listener = newListener();
    const response = flow(seats, await seats.take(listener));
    const { reads } = account;
    for (let range = 0; range < 100; range++) await seats.take(listener);
    expect(account.reads).toBe(reads);
    response.release();
  });

  it("is not taken at a process that closes, whose listeners are told to come again, and none is left behind", async () => {
    const seats = start();
    // The first reading is before the place is written, the second after.
    const closings: Promise<void>[] = [];
    account.onRead = (read) => read <= 2 && closings.push(seats.close());
    await expect(refusal(seats.take(newListener()))).resolves.toBe("unavailable");
    await Promise.all(closings);
    expect(await held()).toEqual([]);
    await expect(refusal(seats.take(newListener()))).resolves.toBe("unavailable");
  });

  it("is asked about again when it has been believed for a minute", async () => {
    const seats = start({ recheckMs: 60_000 });
    const listener = newListener();
    await seats.take(listener);
    const { reads } = account;
    elapsed += 59_999;
    await seats.take(listener);
    expect(account.reads).toBe(reads);
    elapsed += 1;
    await seats.take(listener);
    expect(account.reads).toBe(reads + 1);
  });

  it("is free again some time after the last byte, and not while bytes flow", async () => {
    const seats = start({ idleMs: 40 });
    const listener = newListener();
    const first = flow(seats, await seats.take(listener));
    const second = flow(seats, await seats.take(listener));
    first.release();
    // So long as another's place takes to be free.
    const other = { ...newListener(), userId: ulid() };
    await seats.take(other);
    const isFree = async () => (await places().read(other.userId)).bySession.size === 0;
    await until("the other's place is free", isFree);
    expect(await held()).toEqual([listener.sessionId]);
    second.release();
    await until("the place is free", async () => (await held()).length === 0);
  });

  it("is given to exactly as many devices as the plan has, however many come at once, at two nodes", async () => {
    account.plan = "plus";
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const comings = Array.from({ length: 10 }, async (_, at) => {
      const seats = at % 2 ? a : b;
      const listener = newListener();
      const seat = await Promise.resolve(seats.take(listener)).catch((error: DomainError) => error);
      if (seat instanceof DomainError) return [];
      const { signal } = flow(seats, seat);
      return [{ listener, signal }];
    });
    const flows = (await Promise.all(comings)).flat();
    const flowing = flows.filter(({ signal }) => !signal.aborted);
    expect(flowing).toHaveLength(3);
    expect(new Set(await held())).toEqual(new Set(flowing.map(({ listener }) => listener.sessionId)));
  });

  it("of a node that is dead is free, so that nobody else's is taken", async () => {
    account.plan = "plus";
    const seats = start();
    const flows = [
      flow(seats, await seats.take(newListener())),
      flow(seats, await seats.take(newListener())),
    ];
    await start({ endpointId: () => "node-b" }).take(newListener());
    alive.delete("node-b");
    await seats.take(newListener());
    expect(flows.map(({ signal }) => signal.aborted)).toEqual([false, false]);
  });

  it("of a node that is dead is no reason to end another when a plan has fewer", async () => {
    account.plan = "plus";
    const seats = start({ recheckMs: 60_000 });
    const listener = newListener();
    const response = flow(seats, await seats.take(listener));
    await start({ endpointId: () => "node-b" }).take(newListener());
    alive.delete("node-b");
    account.plan = "free";
    elapsed += 60_000;
    await seats.take(listener);
    expect(response.signal.aborted).toBe(false);
  });

  it("is written again where it was just being given back", async () => {
    const seats = start();
    const listener = newListener();
    await seats.take(listener);
    // Ends the seat, and begins to give its place back.
    events.emit({ kind: "session-ended", userId, sessionId: listener.sessionId });
    await seats.take(listener);
    await until("it is given back", async () => (await places().read(userId)).version >= 2);
    expect(await held()).toEqual([listener.sessionId]);
  });

  it("is written again when its process goes on under another id", async () => {
    let id = "node-a";
    const seats = start({ endpointId: () => id });
    const listener = newListener();
    await seats.take(listener);
    alive = new Set(["node-c"]);
    id = "node-c";
    await seats.take(listener);
    expect((await places().read(userId)).bySession.get(listener.sessionId)?.endpointId).toBe("node-c");
  });
});

describe("One's own newest device", () => {
  /** One device that plays at a node, on a plan for one, and another that begins at a second node. */
  async function displacedDevice() {
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const [older, newer] = [newListener(), newListener()];
    const oldFlow = flow(a, await a.take(older));
    const newFlow = flow(b, await b.take(newer));
    return { a, b, older, newer, oldFlow, newFlow };
  }

  it("takes the place of the one that began first, whose response ends", async () => {
    const { oldFlow, newFlow, newer } = await displacedDevice();
    expect([oldFlow.signal.aborted, newFlow.signal.aborted]).toEqual([true, false]);
    expect(await held()).toEqual([newer.sessionId]);
  });

  it("keeps it from one that asks again by itself, which is told who plays", async () => {
    const { a, b, older, newFlow } = await displacedDevice();
    for (const seats of [a, b]) {
      const refused = Promise.resolve(seats.take(older));
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
    await a.take(older, "wish-1");
    expect(newFlow.signal.aborted).toBe(true);
    await expect(refusal(b.take(newer))).resolves.toBe("too-many-devices");
    const again = flow(b, await b.take(newer, "wish-2"));
    expect(await held()).toEqual([newer.sessionId]);
    // The same wish again is the player's own doing.
    await expect(refusal(a.take(older, "wish-1"))).resolves.toBe("too-many-devices");
    expect(again.signal.aborted).toBe(false);
  });

  it("may be one that holds a place already, whose wish then counts as any", async () => {
    account.plan = "plus";
    const seats = start();
    const devices = [newListener(), newListener(), newListener()] as const;
    for (const device of devices) await seats.take(device);
    await seats.take(devices[0], "wish");
    await seats.take(newListener());
    expect(await held()).not.toContain(devices[1].sessionId);
    expect(await held()).toContain(devices[0].sessionId);
  });

  it.each([
    ["goes", 0],
    ["went back by hours", -3 * 3_600_000],
    ["went on by hours", 3 * 3_600_000],
  ])("keeps it for half a minute and no longer while the wall clock %s", async (_, change) => {
    const { a, older } = await displacedDevice();
    await expect(refusal(a.take(older))).resolves.toBe("too-many-devices");
    [now, elapsed] = [now + 30_000 + change, elapsed + 30_000];
    await expect(refusal(a.take(older))).resolves.toBe("none");
  });

  it("is not kept waiting by what was long ago, at a process that never saw it", async () => {
    const { older } = await displacedDevice();
    now += 3_600_000;
    await expect(refusal(start().take(older))).resolves.toBe("none");
  });

  it("does not lose the place it took back by a push that comes late", async () => {
    const { a, older } = await displacedDevice();
    const { version } = await places().read(userId);
    const back = flow(a, await a.take(older, "wish"));
    events.emit({ kind: "places-revoked", userId, sessionIds: [older.sessionId], version });
    expect(back.signal.aborted).toBe(false);
  });

  it("has it although the push to the other was lost, when the row is read again while bytes flow", async () => {
    pushesAreLost = true;
    const a = start({ recheckMs: 20 });
    const oldFlow = flow(a, await a.take(newListener()));
    const b = start({ endpointId: () => "node-b" });
    await b.take(newListener());
    expect(oldFlow.signal.aborted).toBe(false);
    elapsed += 20;
    await until("it ends", () => oldFlow.signal.aborted);
  });

  it("ends all that flows to the other, at each node that it uses", async () => {
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const older = newListener();
    const flows = [flow(a, await a.take(older)), flow(b, await b.take(older))];
    await b.take(newListener());
    expect(flows.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  it("keeps its place when a node where it is idle gives it back, while it plays at another", async () => {
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const listener = newListener();
    await a.take(listener);
    flow(b, await b.take(listener));
    await a.close();
    expect(await held()).toEqual([listener.sessionId]);
  });

  it("is the one that goes on when a plan has fewer places, and the others do not come back by themselves", async () => {
    account.plan = "plus";
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const [older, newer] = [newListener(), newListener()];
    const [oldFlow, newFlow] = [flow(a, await a.take(older)), flow(b, await b.take(newer))];
    account.plan = "free";
    events.emit({ kind: "account", userId, plan: "free", role: "listener" });
    await until("one ends", () => oldFlow.signal.aborted);
    await until("its place is free", async () => (await held()).length === 1);
    expect(newFlow.signal.aborted).toBe(false);
    await expect(refusal(a.take(older))).resolves.toBe("too-many-devices");
  });
});

describe("What is true is read after the place is taken:", () => {
  it("a session that ended meanwhile gets nothing, and leaves no place", async () => {
    const listener = newListener();
    account.onRead = (read) => read === 2 && account.ended.add(listener.sessionId);
    await expect(refusal(start().take(listener))).resolves.toBe("session-ended");
    expect(await held()).toEqual([]);
  });

  it("a plan that changed meanwhile has its own number of places", async () => {
    account.plan = "plus";
    const seats = start();
    await seats.take(newListener());
    account.reads = 0;
    account.onRead = (read) => {
      if (read === 2) account.plan = "free";
    };
    const last = newListener();
    await seats.take(last);
    expect(await held()).toEqual([last.sessionId]);
  });
});

describe("A flowing response", () => {
  it("ends by a push about its session, and by none about another", async () => {
    account.plan = "plus";
    const seats = start();
    const [mine, other] = [newListener(), newListener()];
    const stays = flow(seats, await seats.take(other));
    const ends = flow(seats, await seats.take(mine));
    events.emit({ kind: "session-ended", userId, sessionId: mine.sessionId });
    expect([ends.signal.aborted, stays.signal.aborted]).toEqual([true, false]);
    await until("its place is free", async () => !(await held()).includes(mine.sessionId));
  });

  it("ends by a push of a plan that does not include it, and goes on where it does", async () => {
    account.plan = "plus";
    const seats = start();
    const seat = await seats.take(newListener());
    const premium = flow(seats, seat, (plan) => plan !== "free");
    const free = flow(seats, seat);
    events.emit({ kind: "account", userId, plan: "free", role: "listener" });
    await until("the premium song ends", () => premium.signal.aborted);
    expect(free.signal.aborted).toBe(false);
  });

  it("ends although the push was lost, when standing is read again while bytes flow", async () => {
    const seats = start({ recheckMs: 20 });
    const listener = newListener();
    const response = flow(seats, await seats.take(listener));
    account.ended.add(listener.sessionId);
    elapsed += 20;
    await until("it ends", () => response.signal.aborted);
  });

  it("goes on while standing cannot be read", async () => {
    const seats = start({ recheckMs: 20 });
    const response = flow(seats, await seats.take(newListener()));
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

  it("ends with its node, whose places are free then", async () => {
    const seats = start();
    const response = flow(seats, await seats.take(newListener()));
    await seats.close();
    expect(response.signal.aborted).toBe(true);
    expect(await held()).toEqual([]);
  });
});
