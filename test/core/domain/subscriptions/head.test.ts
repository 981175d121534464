import { describe, expect, it } from "vitest";
import { changeFromHead, type Head, nextHead } from "../../../../core/domain/subscriptions/head.ts";
import { changeOf } from "../../../support/history.ts";

const change = changeOf(7, "a", 3);
const head: Head = {
  userId: "u",
  epoch: "e",
  headRevision: 7,
  count: 2,
  last: change,
  changeIds: ["one"],
};

describe("what a stream record of the head tells", () => {
  it("is its change and the step that it makes", () => {
    expect(changeFromHead({ ...head, sk: "head" })).toEqual({
      userId: "u",
      epoch: "e",
      from: 6,
      to: 7,
      change,
    });
  });

  it.each([
    ["a song's row", { userId: "u", sk: "song#a", revision: 7 }],
    ["the playback row", { userId: "u", sk: "playback", version: 1 }],
    ["a new head", { userId: "u", sk: "head", epoch: "e", headRevision: 0, count: 0, changeIds: [] }],
    ["a closed head", { ...head, sk: "head", closed: true }],
  ])("is nothing for %s", (_, image) => {
    expect(changeFromHead(image)).toBeUndefined();
  });
});

describe("the next head", () => {
  it("carries the change, its name and the new count", () => {
    const next = nextHead(head, changeOf(8, "a", null), "two", -1);
    expect(next).toMatchObject({ epoch: "e", headRevision: 8, count: 1, changeIds: ["one", "two"] });
    expect(next.last).toEqual({ revision: 8, op: "delete", songId: "a" });
  });

  it("remembers 32 names", () => {
    const full = { ...head, changeIds: Array.from({ length: 32 }, (_, n) => `change-${n}`) };
    const { changeIds } = nextHead(full, change, "newest", 0);
    expect([changeIds.length, changeIds[0], changeIds.at(-1)]).toEqual([32, "change-1", "newest"]);
  });
});
