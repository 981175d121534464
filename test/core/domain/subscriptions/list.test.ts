import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "../../../../core/domain/actor.ts";
import { encodeCursor } from "../../../../core/domain/shared/cursor.ts";
import { listSubscriptions } from "../../../../core/domain/subscriptions/list.ts";
import { deleteSubscription, putSubscription } from "../../../../core/domain/subscriptions/write.ts";
import { startTestAws, type TestAws } from "../../../support/engines.ts";
import { databaseOf, newActor, subscriptionDeps, type TestDeps } from "../../../support/subscriptions.ts";
import { crashingStore } from "./crashing-store.ts";

let aws: TestAws;
let deps: TestDeps;
let actor: Actor;
let crash: ReturnType<typeof crashingStore>;

beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  actor = newActor();
  deps = subscriptionDeps(databaseOf(aws), (store) => {
    crash = crashingStore(store);
    return crash.store;
  });
});

const put = (songId: string, rating = 1) => putSubscription(deps, actor, { songId, rating });
const remove = (songId: string) => deleteSubscription(deps, actor, { songId });
const list = (query: Parameters<typeof listSubscriptions>[2] = {}) => listSubscriptions(deps, actor, query);
const invalid = expect.objectContaining({ kind: "invalid-cursor" });

describe("the whole list", () => {
  it("is empty at revision 0, with an epoch that stays", async () => {
    const first = await list();
    expect(first).toEqual({ epoch: expect.stringMatching(/^\w{26}$/), revision: 0, items: [] });
    expect(await list()).toEqual(first);
    expect((await put("a")).epoch).toBe(first.epoch);
  });

  it("pages by song id without tombstones, every page labelled like the first", async () => {
    for (const songId of ["e", "b", "d", "a", "c"]) await put(songId);
    await remove("c");
    const first = await list({ limit: 2 });
    await put("d", 5);
    const second = await list({ limit: 2, cursor: first.nextCursor ?? "" });
    expect(first).toMatchObject({ revision: 6, items: [{ songId: "a" }, { songId: "b" }] });
    expect(second).toMatchObject({
      revision: 6,
      items: [{ songId: "d", rating: 5, revision: 7 }, { songId: "e" }],
    });
    expect(second).not.toHaveProperty("nextCursor");
  });

  it.each(["a", "b", "c"])(
    "shows the last change of song %s though its row was never written",
    async (songId) => {
      await put("b");
      crash.arm("before-row");
      await put(songId, 4);
      const first = await list({ limit: 1 });
      const second = first.nextCursor ? await list({ limit: 1, cursor: first.nextCursor }) : { items: [] };
      const items = [first, second].flatMap((page) => ("items" in page ? page.items : []));
      const expected =
        songId === "b"
          ? [["b", 4]]
          : [
              ["b", 1],
              [songId, 4],
            ].sort();
      expect(items.map((item) => [item.songId, item.rating])).toEqual(expected);
    },
  );

  it("hides a removal whose row was never written", async () => {
    await put("a");
    crash.arm("before-row");
    await remove("a");
    expect(await list()).toMatchObject({ revision: 2, items: [] });
  });
});

describe("what changed since a revision", () => {
  it("is the newest change of each song, in pages of one label", async () => {
    for (const songId of ["a", "b", "c"]) await put(songId);
    await remove("a");
    const { epoch } = await list();
    const first = await list({ since: 1, epoch, limit: 2 });
    const second = await list({ cursor: first.nextCursor ?? "", limit: 2 });
    expect(first).toMatchObject({ revision: 4, changes: [{ songId: "b" }, { songId: "c" }] });
    expect(second).toMatchObject({ revision: 4, changes: [{ op: "delete", songId: "a", revision: 4 }] });
    expect(second).not.toHaveProperty("nextCursor");
  });

  it("holds the last change though its row was never written, instead of the older row", async () => {
    await put("a");
    await put("b");
    crash.arm("before-row");
    await put("a", 5);
    expect(await list({ since: 0 })).toMatchObject({
      changes: [
        { songId: "b", revision: 2 },
        { songId: "a", revision: 3, subscription: { rating: 5 } },
      ],
    });
  });

  it("is nothing at the head's revision", async () => {
    const { epoch } = await put("a");
    expect(await list({ since: 1, epoch })).toEqual({ epoch, revision: 1, changes: [] });
  });

  it.each([
    ["a revision that was never made", { since: 2 }],
    ["another epoch", { since: 1, epoch: "another" }],
  ])("is the whole list for %s", async (_, query) => {
    await put("a");
    expect(await list(query)).toMatchObject({ revision: 1, items: [{ songId: "a" }] });
  });
});

const scope = () => ["subscriptions", actor.userId] as const;

describe("a cursor", () => {
  it.each([
    ["no base64 of JSON", () => "%%%"],
    ["another list's", () => encodeCursor(["songs"], { epoch: "e", revision: 0, after: "a" })],
    ["another user's", () => encodeCursor(["subscriptions", "x"], { epoch: "e", revision: 0, after: "a" })],
    ["of wrong types", () => encodeCursor(scope(), { epoch: "e", revision: "1", after: "a" })],
    ["of another epoch", () => encodeCursor(scope(), { epoch: "another", revision: 0, after: "a" })],
  ])("that is %s is refused", async (_, cursorOf) => {
    await put("a");
    await expect(list({ cursor: cursorOf() })).rejects.toEqual(invalid);
  });

  it("from the future is refused", async () => {
    const { epoch } = await put("a");
    await expect(list({ cursor: encodeCursor(scope(), { epoch, revision: 2, since: 0 }) })).rejects.toEqual(
      invalid,
    );
  });
});
