import { ulid } from "ulid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { backoff } from "../../../core/aws/backoff.ts";
import { createPlaceStore } from "../../../core/aws/place-store.ts";
import type { PlanName } from "../../../core/contract/accounts.ts";
import { DomainError } from "../../../core/domain/errors.ts";
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
let now: number;
let alive: Set<string>;
let open: Seats[];
let events: NodeEvents;
let userId: string;

beforeEach(() => {
  account = { plan: "free", ended: new Set(), reads: 0, onRead: () => {} };
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

const places = () => createPlaceStore(databaseOf(aws));
const held = async () => [...(await places().read(userId)).bySession.keys()];
const newListener = (): Listener => ({ userId, sessionId: ulid(), email: "listener@example.com" });

function start(options: { idleMs?: number; recheckMs?: number; endpointId?: () => string } = {}): Seats {
  const { endpointId = () => "node-a", ...times } = options;
  const seats = createSeats({
    ...{ places: places(), backoff, log: silent, endpointId, ...times },
    clock: { now: () => new Date(now) },
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
    now += 59_999;
    await seats.take(listener);
    expect(account.reads).toBe(reads);
    now += 1;
    await seats.take(listener);
    expect(account.reads).toBe(reads + 1);
  });

  it("is free again some time after the last byte, and not while bytes flow", async () => {
    const seats = start({ idleMs: 40 });
    const listener = newListener();
    const first = flow(seats, await seats.take(listener));
    const second = flow(seats, await seats.take(listener));
    first.release();
    // So long as the other would wait for a place that nobody uses.
    await expect(refusal(start().take(newListener()))).resolves.toBe("too-many-devices");
    expect(await held()).toEqual([listener.sessionId]);
    second.release();
    await until("the place is free", async () => (await held()).length === 0);
    await expect(refusal(start().take(newListener()))).resolves.toBe("none");
  });

  it("is given to exactly as many devices as the plan has, however many come at once, at two nodes", async () => {
    account.plan = "plus";
    const [a, b] = [start(), start({ endpointId: () => "node-b" })];
    const tries = Array.from({ length: 10 }, (_, at) => refusal((at % 2 ? a : b).take(newListener())));
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((outcome) => outcome === "none")).toHaveLength(3);
    expect(new Set(outcomes)).toEqual(new Set(["none", "too-many-devices"]));
    expect(await held()).toHaveLength(3);
  });

  it("of a node that is dead is free", async () => {
    await start({ endpointId: () => "node-b" }).take(newListener());
    await expect(refusal(start().take(newListener()))).resolves.toBe("too-many-devices");
    alive.delete("node-b");
    await expect(refusal(start().take(newListener()))).resolves.toBe("none");
  });

  it("is written again when its process goes on under another id", async () => {
    let id = "node-a";
    const seats = start({ endpointId: () => id });
    const listener = newListener();
    await seats.take(listener);
    alive = new Set(["node-c"]);
    id = "node-c";
    await seats.take(listener);
    await expect(refusal(start().take(newListener()))).resolves.toBe("too-many-devices");
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
    await expect(refusal(seats.take(newListener()))).resolves.toBe("too-many-devices");
    expect(await held()).toHaveLength(1);
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
    now += 20;
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
    now += 20;
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
