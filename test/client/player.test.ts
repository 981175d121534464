import { beforeEach, describe, expect, it } from "vitest";
import { ApiFailure, toFailure } from "../../client/failure.ts";
import { createPlayer } from "../../client/player.ts";
import type { AudioSource } from "../../client/player-state.ts";
import type { Verdict } from "../../client/probe.ts";
import { createFakeClock } from "./support/fake-clock.ts";
import { createFakeOutput } from "./support/fake-output.ts";
import { song } from "./support/songs.ts";

const whole: AudioSource = {
  url: "/stream/a?whole",
  contentType: "audio/flac",
  durationSeconds: 90,
  isDurationKnown: true,
};
const fine: Verdict = { kind: "fine" };

let clock: ReturnType<typeof createFakeClock>;
let sound: ReturnType<typeof createFakeOutput>;
let verdict: Verdict;
let told: unknown[];
let player: ReturnType<typeof createPlayer>;

beforeEach(() => {
  [clock, sound, verdict, told] = [createFakeClock(), createFakeOutput(), fine, []];
  player = createPlayer({
    clock,
    output: sound.output,
    random: () => 0.5,
    newId: () => "wish",
    probe: async () => verdict,
    ready: async () => {},
    ended: () => told.push("ended"),
    unplayable: (error) => told.push(error.message),
  });
});

const state = () => player.state.get();
/** Lets what was asked be answered. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

async function play(source = whole): Promise<void> {
  player.load(song("a"), source);
  await settle();
  sound.last().playTo(1);
}

/** The server answers so. */
async function refuse(status: number, headers: Record<string, string> = {}): Promise<void> {
  verdict = { kind: "refused", error: await toFailure(new Response("", { status, headers })) };
}

/** The audio breaks, and it is found out why. */
async function breakOff(code = 2): Promise<void> {
  sound.last().tell.broken(code);
  await settle();
}

async function wait(ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

describe("Length and position", () => {
  it.each([
    ["does not know its length", Number.POSITIVE_INFINITY],
    ["cannot tell its length yet", Number.NaN],
    ["guesses less", 45],
    ["guesses more", 300],
  ])("are the catalogue's and the element's where the element %s", async (_, elementDuration) => {
    await play();
    sound.last().playTo(8, elementDuration);
    expect(state()).toMatchObject({ status: "playing", position: 8, duration: 90 });
    player.seek(60);
    expect(sound.last().at).toBe(60);
    expect(state().position).toBe(60);
  });

  it("of a preview are the element's, once it knows", async () => {
    await play({ ...whole, durationSeconds: 30, isDurationKnown: false });
    sound.last().playTo(2, Number.POSITIVE_INFINITY);
    expect(state().duration).toBe(30);
    sound.last().playTo(3, 29.4);
    expect(state().duration).toBe(29.4);
  });

  it("never end before where it is", async () => {
    await play();
    sound.last().playTo(92);
    expect(state()).toMatchObject({ position: 92, duration: 92 });
  });
});

describe("An end", () => {
  it("at the catalogue's end is the song's", async () => {
    await play();
    sound.last().playTo(89);
    sound.last().tell.ended();
    expect(told).toEqual(["ended"]);
  });

  it("before it is a cut: it goes on at the true position", async () => {
    await play();
    sound.last().playTo(30, 30);
    sound.last().tell.ended();
    await settle();
    await wait(1_000);
    expect(told).toEqual([]);
    expect(sound.opened.map(({ at }) => at)).toEqual([0, 29]);
  });

  it("before it, twice at the same place, is the song's: the catalogue said too much", async () => {
    await play();
    for (let turn = 0; turn < 2; turn += 1) {
      sound.last().playTo(70, 70);
      sound.last().tell.ended();
      await settle();
      await wait(1_000);
    }
    expect(told).toEqual(["ended"]);
  });
});

describe("A server that can do nothing just now", () => {
  const date = "Sun, 01 Mar 2026 12:00:00 GMT";
  it.each([
    [503, { "retry-after": "3" }, 3_000],
    [429, { "retry-after": "3" }, 3_000],
    [503, { "retry-after": "Sun, 01 Mar 2026 12:00:03 GMT", date }, 3_000],
    [503, { "retry-after": "Sun, 01 Mar 2026 11:00:00 GMT", date }, 0],
    [503, { "retry-after": "soon" }, 0],
    [502, {}, 0],
    [504, {}, 0],
    [503, { "retry-after": "86400" }, 30_000],
  ])("is waited for: %i %o", async (status, headers, asked) => {
    await play();
    sound.last().playTo(20);
    await refuse(status, headers as Record<string, string>);
    await breakOff();
    expect(state()).toMatchObject({ status: "waiting", waitingFor: "server", position: 20 });
    // Half of the first backoff comes on top.
    await wait(asked + 499);
    expect(sound.opened).toHaveLength(1);
    await wait(1);
    expect(sound.last().at).toBe(20);
    sound.last().playTo(20.5);
    expect(state().status).toBe("playing");
    expect(state().waitingFor).toBeUndefined();
    expect(told).toEqual([]);
  });

  it("is waited for as long as it takes, also before the first sound", async () => {
    player.load(song("a"), whole, { at: 12 });
    await settle();
    await refuse(503);
    for (let turn = 0; turn < 20; turn += 1) {
      await breakOff(4);
      await wait(31_000);
    }
    expect(state()).toMatchObject({ status: "waiting", position: 12 });
    expect(sound.last().at).toBe(12);
  });

  it("is left alone while nobody wants to hear", async () => {
    await play();
    await refuse(503);
    await breakOff();
    player.pause();
    await wait(60_000);
    expect(sound.opened).toHaveLength(1);
    player.play();
    await settle();
    expect(sound.opened).toHaveLength(2);
  });

  it("is asked where the listener seeks to meanwhile", async () => {
    await play();
    await refuse(503);
    await breakOff();
    player.seek(70);
    await wait(1_000);
    expect(sound.last().at).toBe(70);
  });
});

it("What a server asked for is waited for, also when the network is back; what comes on top is not", async () => {
  await play();
  await refuse(503, { "retry-after": "5" });
  await breakOff();
  player.wake();
  await wait(4_999);
  expect(sound.opened).toHaveLength(1);
  await wait(1);
  player.wake();
  await settle();
  expect(sound.opened).toHaveLength(2);
});

describe("Audio that breaks", () => {
  it("goes on where it was when the network is back, at once when it says so", async () => {
    await play();
    sound.last().playTo(40);
    verdict = { kind: "offline" };
    await breakOff();
    expect(state()).toMatchObject({ status: "waiting", waitingFor: "network" });
    player.wake();
    await settle();
    expect(sound.last().at).toBe(40);
  });

  it.each([404, 403, 401])("is not asked for again where the server refuses it: %i", async (status) => {
    await play();
    verdict = {
      kind: "refused",
      error: new ApiFailure(status === 404 ? "not-found" : "plan-required", `No: ${status}`),
    };
    await breakOff();
    expect(told).toEqual([status === 404 ? "It is not in the library any more." : `No: ${status}`]);
  });

  it.each([
    ["that is not understood, twice", 4, 2],
    ["in nearly the same place, five times", 2, 5],
  ])("%s, is not playable", async (_, code, times) => {
    await play();
    for (let turn = 1; turn <= times; turn += 1) {
      sound.last().playTo(50 + turn / 10);
      expect(told).toEqual([]);
      await breakOff(code);
      await wait(31_000);
    }
    expect(told).toHaveLength(1);
    expect(sound.opened).toHaveLength(times);
  });

  it("now and then, in other places, goes on for ever", async () => {
    await play();
    for (let position = 10; position < 80; position += 3) {
      sound.last().playTo(position);
      await breakOff();
      await wait(1_000);
    }
    expect(told).toEqual([]);
  });

  it("is let go, and asked for where it was when it is tried again", async () => {
    await play();
    sound.last().playTo(40);
    player.fail(new ApiFailure("bad-audio", "No"));
    expect(sound.last().isLoaded).toBe(false);
    player.play();
    await settle();
    expect(sound.last().at).toBe(40);
    expect(state()).toMatchObject({ status: "waiting", position: 40 });
    expect(state().error).toBeUndefined();
  });
});

describe("Devices that take each other's place", () => {
  const taken: Verdict = {
    kind: "refused",
    error: new ApiFailure("too-many-devices", "Elsewhere"),
  };

  it("leave the song, its second and the offer to take over, also where that is refused", async () => {
    await play();
    sound.last().playTo(40);
    verdict = taken;
    await breakOff();
    expect(state()).toMatchObject({ status: "paused", position: 40, playingOn: ["another device"] });
    player.play();
    await settle();
    expect(sound.last().source.url).toBe("/stream/a?whole&take=wish");
    await breakOff(4);
    expect(state()).toMatchObject({ status: "paused", position: 40, playingOn: ["another device"] });
    expect(told).toEqual([]);
  });

  it.each([
    ["gives way where its place is taken", 40, taken, "paused"],
    ["plays on where the server has nothing against it", 40, fine, "playing"],
    ["plays on what has come whole, and asks nothing", 89.5, taken, "playing"],
  ])("one that hears of another %s", async (_, position, answer, status) => {
    await play();
    sound.last().playTo(position);
    verdict = answer;
    const checked = player.checkSlot();
    await wait(500);
    await checked;
    expect(state()).toMatchObject({ status, position });
    expect(state().playingOn).toEqual(status === "paused" ? ["another device"] : undefined);
    player.slotFreed();
    expect(state().playingOn).toBeUndefined();
  });

  it("ask once more where a person wishes to hear it here", async () => {
    player.load(song("a"), whole, { wish: "ask" });
    await settle();
    verdict = taken;
    await breakOff(4);
    expect(sound.opened.map(({ source }) => source.url)).toEqual([whole.url, `${whole.url}&take=wish`]);
  });
});

describe("A seek before the audio is open", () => {
  it("is where it opens", async () => {
    player.load(song("a"), whole);
    player.seek(50);
    await settle();
    expect(sound.last().at).toBe(50);
  });
});

describe("A song that is shown and not to play", () => {
  it("is not asked for before it is", async () => {
    player.load(song("a"), whole, { at: 33, playing: false });
    await settle();
    expect(sound.opened).toEqual([]);
    expect(state()).toMatchObject({ status: "paused", position: 33, duration: 90 });
    player.seek(50);
    player.play();
    await settle();
    expect(sound.last().at).toBe(50);
  });
});
