import { beforeEach, describe, expect, it } from "vitest";
import { ApiFailure } from "../../../client/failure.ts";
import { openListener, settle } from "../support/listener.ts";
import { song } from "../support/songs.ts";

const songs = ["a", "b", "c", "d", "e"].map((songId) => song(songId));
let here: ReturnType<typeof openListener>;
beforeEach(() => {
  here = openListener();
});

async function play(first = 0, list = songs): Promise<void> {
  here.playback.play(list, first);
  await here.listen();
}

describe("A song that cannot be played", () => {
  it("is told, and the next one plays", async () => {
    here.refuse("a");
    await play();
    expect(here.heard()).toBe("b");
    expect(here.state().status).toBe("playing");
    expect(here.unplayable).toEqual(["a"]);
  });

  it("ends it with the reason when it is the third in a row; the queue and the song stay", async () => {
    for (const songId of ["b", "c", "d"]) here.refuse(songId);
    await play();
    await here.end();
    await here.listen();
    expect(here.state()).toMatchObject({ status: "failed", error: { message: "d is refused" } });
    expect(here.heard()).toBe("d");
    expect(here.unplayable).toEqual(["b", "c", "d"]);
    expect(here.playback.queue.get().songs).toEqual(songs);
    here.playback.next();
    await here.listen();
    expect(here.heard()).toBe("e");
    expect(here.state()).toMatchObject({ status: "playing" });
  });

  it("is not counted with those before one that played", async () => {
    for (const songId of ["a", "b", "d"]) here.refuse(songId);
    await play();
    expect(here.heard()).toBe("c");
    await here.end();
    await here.listen();
    expect(here.heard()).toBe("e");
    expect(here.unplayable).toEqual(["a", "b", "d"]);
  });

  it.each(["one", "all"] as const)("is not tried for ever where it repeats %s", async (repeat) => {
    here.refuse("a");
    here.playback.cycleRepeat();
    if (repeat === "one") here.playback.cycleRepeat();
    expect(here.playback.queue.get().repeat).toBe(repeat === "one" ? "one" : "all");
    await play();
    expect(here.heard()).toBe("b");
    await play(0, [song("a")]);
    expect(here.state().status).toBe("failed");
    expect(here.sound.opened).toHaveLength(3);
  });

  it("is the last one: it says why, and stays", async () => {
    here.refuse("e");
    await play(4);
    expect(here.state()).toMatchObject({ status: "failed", error: { message: "e is refused" } });
    expect(here.heard()).toBe("e");
  });

  it("because nobody is signed in, is no song's fault", async () => {
    here.refuse("a", new ApiFailure("session-ended", "Ended"));
    await play();
    expect(here.unplayable).toEqual(["signed out"]);
    expect(here.heard()).toBe("a");
  });
});

describe("Where nothing comes next", () => {
  it.each(["ends", "is skipped"])("the last song stays when it %s, and plays again", async (how) => {
    await play(4);
    if (how === "ends") await here.end();
    else here.playback.next();
    await settle();
    expect(here.heard()).toBe("e");
    expect(here.state()).toMatchObject({ status: "paused", position: 0 });
    here.playback.toggle();
    await here.listen();
    expect(here.state().status).toBe("playing");
  });
});

describe("A song that plays already", () => {
  it("pauses, and goes on in the list in which it is started again", async () => {
    await play(1);
    here.sound.last().playTo(30);
    here.playback.play(songs, 1);
    expect(here.state()).toMatchObject({ status: "paused", position: 30 });
    here.playback.play([song("b"), song("x")], 0);
    expect(here.state()).toMatchObject({ status: "waiting", position: 30 });
    here.playback.next();
    await settle();
    expect(here.heard()).toBe("x");
  });
});

describe("A list of which only a page is here", () => {
  const page = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => song(`s${from + index}`));

  /** Songs `s0` to `s<count - 1>`, 50 at a time, of which the first page is here. */
  function open(count: number, first = 0, isOffline = false) {
    let [at, asked, fails] = [50, 0, isOffline];
    const rest = async () => {
      asked += 1;
      if (fails) throw new ApiFailure("offline", "No");
      if (at >= count) return undefined;
      const songsOfPage = page(at, Math.min(50, count - at));
      at += 50;
      return songsOfPage;
    };
    here.playback.play(page(0, 50), first, rest);
    return {
      asked: () => asked,
      goOnline: () => {
        fails = false;
      },
    };
  }

  const queued = () => here.playback.queue.get();
  const ids = () => queued().songs.map(({ songId }) => songId);

  it("is filled as it goes, in its order, to its end", async () => {
    const list = open(520, 3);
    await here.listen();
    await settle();
    expect(ids()).toEqual(page(0, 250).map(({ songId }) => songId));
    for (let turn = 0; turn < 516; turn += 1) {
      here.playback.next();
      await settle();
      if (turn === 99) expect(queued().songs).toHaveLength(350);
    }
    expect(here.heard()).toBe("s519");
    expect(new Set(ids()).size).toBe(520);
    expect(list.asked()).toBeLessThan(13);
    here.playback.next();
    await here.listen();
    expect(here.state().status).toBe("paused");
  });

  it("is there whole where it is shuffled, so that each song can be drawn", async () => {
    open(520);
    here.playback.toggleShuffle();
    await settle();
    const { songs: all, order, at } = queued();
    expect(all).toHaveLength(520);
    expect([...order].sort((a, b) => a - b)).toEqual(all.map((_, index) => index));
    expect(order[at]).toBe(0);
    expect(order.slice(1, 50).some((index) => index >= 50)).toBe(true);
    here.playback.toggleShuffle();
    expect(queued().order).toEqual(all.map((_, index) => index));
  });

  it("holds 10,000 songs at most", async () => {
    here.playback.toggleShuffle();
    open(12_000);
    await settle();
    expect(queued().songs).toHaveLength(10_000);
  });

  it("goes on when a page that failed can be had again", async () => {
    const list = open(60, 49, true);
    await here.listen();
    await settle();
    expect(ids()).toHaveLength(50);
    list.goOnline();
    await here.end();
    await settle();
    expect(here.heard()).toBe("s50");
    expect(ids()).toHaveLength(60);
  });

  it("stays paused where somebody pauses it while its next page comes", async () => {
    const answer = Promise.withResolvers<undefined>();
    let asked = 0;
    here.playback.play([song("a")], 0, async () => {
      asked += 1;
      await answer.promise;
      return asked > 1 ? undefined : [song("z")];
    });
    await here.listen();
    await here.end();
    here.clock.advance(400);
    expect(here.state().status).toBe("playing");
    here.playback.pause();
    answer.resolve(undefined);
    await settle();
    expect(here.heard()).toBe("z");
    expect(here.state().status).toBe("paused");
    here.playback.toggle();
    await here.listen();
    expect(here.state().status).toBe("playing");
  });

  it("is left when another list is started", async () => {
    open(520);
    here.playback.play(songs, 0);
    await settle();
    expect(queued().songs).toEqual(songs);
  });

  it("takes no song twice", async () => {
    here.playback.play(songs, 0, async () =>
      queued().songs.length > 5 ? undefined : [song("e"), song("f")],
    );
    await settle();
    expect(ids()).toEqual(["a", "b", "c", "d", "e", "f"]);
  });
});
