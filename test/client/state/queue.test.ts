import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  currentSong,
  emptyQueue,
  enqueueNext,
  next,
  nextRepeat,
  previous,
  startQueue,
  toggleShuffle,
  upcoming,
} from "../../../client/state/queue.ts";
import { song } from "../support/songs.ts";

const songs = [song("a"), song("b"), song("c"), song("d")];
const id = (queue: Parameters<typeof currentSong>[0]) => currentSong(queue)?.songId;
const started = startQueue(emptyQueue, songs, 1, Math.random);

describe("the queue", () => {
  it("goes from the chosen song to the end and stops there", () => {
    expect(id(started)).toBe("b");
    expect(upcoming(started).map(({ songId }) => songId)).toEqual(["c", "d"]);
    const last = next(next(started, true) ?? emptyQueue, true) ?? emptyQueue;
    expect(id(last)).toBe("d");
    expect(next(last, true)).toBeUndefined();
  });

  it("starts over, or stays, as repeat says", () => {
    const last = { ...started, at: 3 };
    expect(id(next({ ...last, repeat: "all" }, true) ?? emptyQueue)).toBe("a");
    expect(id(next({ ...last, repeat: "one" }, true) ?? emptyQueue)).toBe("d");
    expect(id(next({ ...last, repeat: "one" }, false) ?? emptyQueue)).toBe("a");
    expect(["off", "all", "one"].map((mode) => nextRepeat(mode as "off"))).toEqual(["all", "one", "off"]);
  });

  it("goes back, and from the first to the last only when it repeats", () => {
    expect(id(previous(started))).toBe("a");
    expect(id(previous({ ...started, at: 0 }))).toBe("a");
    expect(id(previous({ ...started, at: 0, repeat: "all" }))).toBe("d");
  });

  it("plays a song next without leaving the others out", () => {
    const queue = enqueueNext(started, song("x"));
    expect(upcoming(queue).map(({ songId }) => songId)).toEqual(["x", "c", "d"]);
    expect(id(next(queue, false) ?? emptyQueue)).toBe("x");
  });

  it("plays a song next where nothing plays", () => {
    expect(id(enqueueNext(emptyQueue, song("x")))).toBe("x");
  });

  it("shuffles each song in exactly once, the current one first, and finds back into order", () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (stream) => {
          const shuffled = toggleShuffle(started, () => stream.next().value ?? 0);
          expect(id(shuffled)).toBe("b");
          expect([...shuffled.order].sort()).toEqual([0, 1, 2, 3]);
          const ordered = toggleShuffle(shuffled, Math.random);
          expect(ordered).toEqual(started);
        },
      ),
    );
  });

  it("stays shuffled for the next list", () => {
    const queue = startQueue({ ...emptyQueue, shuffled: true }, songs, 2, () => 0);
    expect(id(queue)).toBe("c");
    expect(queue.order.length).toBe(4);
  });
});
