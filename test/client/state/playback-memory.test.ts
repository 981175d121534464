import { describe, expect, it } from "vitest";
import { openListener, settle } from "../support/listener.ts";
import { song } from "../support/songs.ts";
import { createKeyStorage } from "../support/storage.ts";

const songs = ["a", "b", "c"].map((songId) => song(songId));

/** A page on which the user listens to the second of three songs, 42 s of it. */
async function listen(storage = createKeyStorage()) {
  const page = openListener(storage);
  await page.memory.enter("u1");
  page.playback.play(songs, 1);
  await page.listen();
  page.sound.last().playTo(42.3);
  return page;
}

describe("After a reload", () => {
  it("queue, song and second are there, paused, and nothing is asked for before it plays", async () => {
    const { storage } = await listen();
    const page = openListener(storage);
    await page.memory.enter("u1");
    expect(page.heard()).toBe("b");
    expect(page.state()).toMatchObject({ status: "paused", position: 42.3, duration: 100 });
    expect(page.playback.queue.get().songs).toEqual(songs);
    expect(page.sound.opened).toEqual([]);
    page.playback.toggle();
    await page.listen();
    expect(page.sound.last().at).toBe(42.3);
    page.playback.next();
    await settle();
    expect(page.heard()).toBe("c");
  });

  it("a shuffled queue plays on in its order, and finds back into the list's", async () => {
    const { storage, playback } = await listen();
    playback.toggleShuffle();
    const { order } = playback.queue.get();
    const page = openListener(storage);
    await page.memory.enter("u1");
    expect(page.playback.queue.get()).toMatchObject({ order, shuffled: true });
    page.playback.toggleShuffle();
    expect(page.playback.queue.get().order).toEqual([0, 1, 2]);
    expect(page.heard()).toBe("b");
  });

  it("on a lesser plan, a second that the preview has not is its beginning", async () => {
    const { storage } = await listen();
    const premium = { songs: [song("b", { tier: "premium" })], order: [0], at: 0, shuffled: false };
    storage.setItem("encore.queue.u1", JSON.stringify({ ...premium, repeat: "off" }));
    for (const [plan, position, duration] of [
      ["free", 0, 30],
      ["hifi", 42.3, 100],
    ] as const) {
      const page = openListener(createKeyStorage(new Map(storage.values)));
      page.playback.setPlan(plan);
      await page.memory.enter("u1");
      expect(page.state()).toMatchObject({ status: "paused", position, duration });
    }
  });

  it("songs that are gone are not there", async () => {
    const { storage } = await listen();
    const page = openListener(storage);
    page.gone.add("b").add("c");
    await page.memory.enter("u1");
    expect(page.playback.queue.get().songs).toEqual([song("a")]);
    expect(page.heard()).toBe("a");
    expect(page.state()).toMatchObject({ status: "paused", position: 0 });
    const empty = openListener(storage);
    empty.gone.add("a");
    await empty.memory.enter("u1");
    expect(empty.state().status).toBe("idle");
  });

  it("another user has none of it, nor is it there any more when they were here", async () => {
    const { storage } = await listen();
    storage.setItem("encore.volume", "1");
    const page = openListener(storage);
    await page.memory.enter("u2");
    expect(page.state().status).toBe("idle");
    expect([...storage.values.keys()]).toEqual(["encore.volume"]);
  });

  it("nothing is left of who signed out, here or in another page", async () => {
    const { storage, playback, memory } = await listen();
    playback.clear();
    memory.leave();
    expect(storage.values.size).toBe(0);
    await listen(storage);
    const other = openListener(createKeyStorage());
    await other.memory.enter("u1");
    other.memory.leave();
    expect(other.storage.values.size).toBe(0);
  });

  it("of a long queue there is what is near", async () => {
    const { storage, playback, listen: settled } = await listen();
    const many = Array.from({ length: 3_000 }, (_, index) => song(`s${index}`));
    playback.play(many, 1_500);
    await settled();
    const page = openListener(storage);
    await page.memory.enter("u1");
    expect(page.heard()).toBe("s1500");
    expect(page.playback.queue.get().songs).toEqual(many.slice(1_400, 1_901));
  });

  it.each([
    ["{", undefined],
    [JSON.stringify({ songs: [], order: [3], at: 0, shuffled: false, repeat: "off" }), undefined],
    [undefined, '{"songId":"b","seconds":-1}'],
  ])("what cannot be read counts as nothing: %s %s", async (queue, position) => {
    const { storage } = await listen();
    if (queue) storage.setItem("encore.queue.u1", queue);
    if (position) storage.setItem("encore.position.u1", position);
    const page = openListener(storage);
    await page.memory.enter("u1");
    expect(page.state()).toMatchObject({ position: 0, status: queue ? "idle" : "paused" });
  });

  it("a full storage stops nothing", async () => {
    const storage = createKeyStorage();
    storage.fill();
    const page = await listen(storage);
    expect(page.state()).toMatchObject({ status: "playing", position: 42.3 });
  });
});
