import { beforeEach, describe, expect, it } from "vitest";
import { changeIdAfter } from "../../../client/state/change-id.ts";
import { type ChangeQueue, createChangeQueue, nowhere } from "../../../client/state/change-queue.ts";
import type { Pending } from "../../../client/state/changes.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { createTestStorage } from "../support/storage.ts";

let browser: ReturnType<typeof createTestStorage>;
let clock: ReturnType<typeof createFakeClock>;
beforeEach(() => {
  clock = createFakeClock();
  browser = createTestStorage(clock);
});

const change = (changeId: string, songId = "a"): Pending => ({
  changeId,
  songId,
  base: null,
  asOf: { epoch: "e1", revision: 3 },
  tried: false,
  op: "put",
  input: { rating: 4, tags: ["late"] },
  at: "2026-03-01T12:00:00.000Z",
});
const ids = ({ pending }: ChangeQueue) => pending.get().map(({ changeId }) => changeId);
const told = () => new Promise<void>((resolve) => queueMicrotask(resolve));

describe("the queue of own changes", () => {
  it("is there again after a reload, in the order the changes were made", () => {
    const before = browser.openTab();
    for (const id of ["change-2", "change-1", "change-3"]) before.add(change(id));
    before.remove("change-3");
    before.replace({ ...change("change-2"), tried: true });
    const after = browser.openTab();
    expect(after.pending.get()).toEqual([change("change-1"), { ...change("change-2"), tried: true }]);
  });

  it("is the same in all tabs, also when they write at the same time", async () => {
    const [one, two] = [browser.openTab(), browser.openTab()];
    one.add(change("change-1"));
    two.add(change("change-2"));
    await told();
    expect([ids(one), ids(two)]).toEqual([
      ["change-1", "change-2"],
      ["change-1", "change-2"],
    ]);
    two.remove("change-1");
    await told();
    clock.advance(1_000);
    expect(ids(one)).toEqual(["change-2"]);
    browser.clear();
    await told();
    clock.advance(1_000);
    expect([ids(one), ids(two)]).toEqual([[], []]);
  });

  it("shows for a moment yet what another tab removed, which then tells how it ended", async () => {
    const [one, two] = [browser.openTab(), browser.openTab()];
    one.add(change("change-1"));
    await told();
    two.remove("change-1");
    await told();
    clock.advance(999);
    expect([ids(one), one.isKept("change-1")]).toEqual([["change-1"], true]);
    one.remove("change-1");
    expect(ids(one)).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it("does not bring back what another tab removed", async () => {
    const [one, two] = [browser.openTab(), browser.openTab()];
    one.add(change("change-1"));
    await told();
    two.remove("change-1");
    await told();
    one.replace({ ...change("change-1"), tried: true });
    expect(ids(browser.openTab())).toEqual([]);
  });

  it("is each user's own", async () => {
    const own = browser.openTab("u1");
    const others = browser.openTab("u2");
    own.add(change("change-1"));
    await told();
    expect(ids(others)).toEqual([]);
    expect(ids(browser.openTab("u2"))).toEqual([]);
    expect(ids(browser.openTab("u1"))).toEqual(["change-1"]);
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "7"],
    ["another change's name", JSON.stringify(change("change-7"))],
    ["a field that it does not know", JSON.stringify({ ...change("change-1"), colour: "red" })],
    ["a song that is none", JSON.stringify({ ...change("change-1"), songId: "../me" })],
    ["a rating out of range", JSON.stringify({ ...change("change-1"), input: { rating: 9 } })],
    ["a base that is none", JSON.stringify({ ...change("change-1"), base: "seven" })],
  ])("passes over what is no change: %s", async (_, text) => {
    const open = browser.openTab();
    browser.values.set("encore.change.u1.change-1", text);
    browser.openTab().add(change("change-2"));
    await told();
    expect(ids(open)).toEqual(["change-2"]);
    expect(ids(browser.openTab())).toEqual(["change-2"]);
  });

  it("lasts as long as the page where storage is full, and says so", () => {
    const queue = browser.openTab();
    browser.fill(true);
    queue.add(change("change-1"));
    browser.fill(false);
    queue.add(change("change-2"));
    expect(ids(queue)).toEqual(["change-1", "change-2"]);
    expect([queue.isKept("change-1"), queue.isKept("change-2")]).toEqual([false, true]);
    queue.remove("change-2");
    expect(ids(queue)).toEqual(["change-1"]);
    queue.replace({ ...change("change-1"), tried: true });
    expect(ids(browser.openTab())).toEqual(["change-1"]);
  });

  it("lasts as long as the page where storage is forbidden", () => {
    const forbidden = new Proxy(nowhere, {
      get: () => {
        throw new DOMException("No", "SecurityError");
      },
    });
    const queue = createChangeQueue({ userId: "u1", storage: forbidden, onStorage: () => () => {}, clock });
    queue.add(change("change-1"));
    queue.replace({ ...change("change-1"), tried: true });
    expect(queue.pending.get()).toEqual([{ ...change("change-1"), tried: true }]);
    queue.remove("change-1");
    expect(ids(queue)).toEqual([]);
  });
});

describe("a change's name", () => {
  it("sorts after those before it, also when the clock was put back", () => {
    const first = changeIdAfter(undefined, 1_000, "f".repeat(32));
    const second = changeIdAfter(first, 1_000, "0".repeat(32));
    const third = changeIdAfter(second, 5, "0".repeat(32));
    const later = changeIdAfter(third, 4_000_000_000_000, "0".repeat(32));
    const all = [first, second, third, later];
    expect([...all].sort()).toEqual(all);
    expect(new Set(all).size).toBe(4);
    expect(all.every((name) => /^[\x21-\x7e]{8,64}$/.test(name))).toBe(true);
  });
});
