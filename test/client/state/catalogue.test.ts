import { describe, expect, it } from "vitest";
import { createCatalogueFeed } from "../../../client/state/catalogue.ts";
import { createFakeClock } from "../support/fake-clock.ts";

function open() {
  const clock = createFakeClock();
  const outdated: unknown[] = [];
  const feed = createCatalogueFeed({
    clock,
    random: () => 0.5,
    outdate: (changed) => outdated.push(changed),
  });
  return { clock, outdated, feed, version: () => feed.version.get() };
}

describe("What pages show of the catalogue", () => {
  it("is fetched at once after a change, and once more when lists have followed it", () => {
    const { clock, outdated, feed, version } = open();
    feed.receive(["s1"]);
    expect([version(), outdated]).toEqual([1, [["s1"]]]);
    clock.advance(4_999);
    expect(version()).toBe(1);
    clock.advance(1);
    expect(version()).toBe(2);
    clock.advance(60_000);
    expect([version(), clock.pending()]).toEqual([2, 0]);
  });

  it("is fetched every five seconds while an import goes on, and once after it", () => {
    const { clock, feed, version } = open();
    for (let second = 0; second < 60; second++) {
      feed.receive("many");
      clock.advance(1_000);
    }
    expect(version()).toBe(13);
    clock.advance(60_000);
    expect(version()).toBe(14);
  });

  it("is fetched some time after a connection was lost, and not by all at once", () => {
    const { clock, outdated, feed, version } = open();
    feed.missed();
    clock.advance(4_999);
    expect([version(), outdated]).toEqual([0, []]);
    clock.advance(1);
    expect([version(), outdated]).toEqual([1, ["many"]]);
  });
});
