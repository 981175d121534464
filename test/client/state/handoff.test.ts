import { beforeEach, describe, expect, it } from "vitest";
import type { PlayerState } from "../../../client/player-state.ts";
import { createHandoff } from "../../../client/state/handoff.ts";
import { createStore } from "../../../client/state/store.ts";
import type { Song } from "../../../core/contract/catalogue.ts";
import type { Device, PlaybackIntent, PlaybackState } from "../../../core/contract/live.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { song } from "../support/songs.ts";

const own = "own-device";
const other = "other-device";
const idle: PlayerState = { status: "idle", position: 0, duration: 0, bufferedTo: 0 };

const state = (change: Partial<PlaybackState>): PlaybackState => ({
  version: 1,
  deviceId: other,
  deviceName: "Kitchen",
  songId: "a",
  positionSeconds: 10,
  paused: false,
  at: "2026-03-01T12:00:00.000Z",
  ...change,
});
const device = (deviceId: string): Device => ({
  deviceId,
  connectionId: deviceId,
  name: deviceId,
  current: deviceId === own,
  since: "2026-03-01T12:00:00.000Z",
});

/** One device, with everything it sends and does. */
function createDevice() {
  const clock = createFakeClock();
  const player = createStore<PlayerState>(idle);
  const devices = createStore<readonly Device[]>([device(own), device(other)]);
  const sent: PlaybackIntent[] = [];
  const done: string[] = [];
  const plan = { devices: 3 };
  const times: { server: number | undefined } = { server: undefined };
  let tabsTold = 0;
  const set = (change: Partial<PlayerState>) => player.update((last) => ({ ...last, ...change }));
  const handoff = createHandoff({
    clock,
    deviceId: own,
    player,
    devices,
    serverNow: () => times.server,
    send: (intent) => sent.push(intent) > 0,
    song: async (songId) => song(songId),
    tellTabs: () => {
      tabsTold += 1;
    },
    play: (wanted: Song, at) => {
      done.push(`play ${wanted.songId} at ${at}`);
      set({ song: wanted, status: "waiting", position: at });
    },
    pause: () => {
      done.push("pause");
      set({ status: "paused" });
    },
    playsAlone: () => plan.devices === 1,
    giveWay: (deviceName) => {
      done.push(`give way to ${deviceName}`);
      set({ status: "paused", playingOn: [deviceName] });
    },
    checkSlot: () => done.push("check slot"),
    slotFreed: () => done.push("slot freed"),
    tell: (text) => done.push(text),
  });
  return { clock, times, plan, player, devices, sent, done, set, handoff, tabsTold: () => tabsTold };
}

let here: ReturnType<typeof createDevice>;
beforeEach(() => {
  here = createDevice();
});

const playing = (songId: string, position = 0) =>
  here.set({ song: song(songId), status: "playing", position, duration: 100 });

describe("What this device plays", () => {
  it("is claimed when it begins, on the newest state that is known", () => {
    here.handoff.receive(state({ version: 7, paused: true }));
    playing("b", 3);
    expect(here.sent).toEqual([
      { type: "playback", version: 7, songId: "b", positionSeconds: 3, paused: false },
    ]);
  });

  it("is told again every few seconds and after a jump, while this device has the state", () => {
    playing("b");
    here.handoff.receive(state({ version: 1, deviceId: own, songId: "b" }));
    here.clock.advance(2_000);
    here.set({ position: 2 });
    expect(here.sent).toHaveLength(1);
    here.clock.advance(3_000);
    here.set({ position: 5 });
    expect(here.sent).toHaveLength(2);
    here.clock.advance(1_000);
    here.set({ position: 60 });
    expect(here.sent.at(-1)).toMatchObject({ version: 1, positionSeconds: 60 });
  });

  it("is told when it pauses, but not by a device that has not the state", () => {
    playing("b");
    here.handoff.receive(state({ version: 1, deviceId: own, songId: "b" }));
    here.set({ status: "paused" });
    expect(here.sent.at(-1)).toMatchObject({ version: 1, paused: true });
    here.handoff.receive(state({ version: 3, songId: "c" }));
    here.set({ status: "idle" });
    expect(here.sent).toHaveLength(2);
  });

  it("is claimed anew when the claim was made on an older state, and is not stopped by it", () => {
    playing("b");
    here.handoff.receive(state({ version: 4, songId: "a" }));
    expect(here.sent.at(-1)).toMatchObject({ version: 4, songId: "b" });
    expect(here.done).toEqual([]);
  });

  it("goes on when another device plays something else, unless the server says that it has no place", () => {
    playing("b");
    here.handoff.receive(state({ version: 1, deviceId: own, songId: "b" }));
    here.handoff.receive(state({ version: 2, songId: "c" }));
    here.handoff.receive(state({ version: 3, songId: "c", positionSeconds: 15 }));
    expect(here.done).toEqual(["check slot"]);
  });

  it.each(["b", "c"])(
    "gives way to whatever another device plays where the plan has one place: %s",
    (songId) => {
      here.plan.devices = 1;
      playing("b");
      here.handoff.receive(state({ version: 1, deviceId: own, songId: "b" }));
      here.handoff.receive(state({ version: 2, songId }));
      expect(here.done).toEqual(["give way to Kitchen"]);
      expect(here.sent).toHaveLength(1);
      here.devices.set([]);
      here.devices.set([device(own), device(other)]);
      expect(here.done).toHaveLength(1);
      here.handoff.receive(state({ version: 3, songId, paused: true }));
      expect(here.done.at(-1)).toBe("slot freed");
    },
  );

  it("stops when another device takes it over, and says where it goes on", () => {
    playing("b");
    here.handoff.receive(state({ version: 1, deviceId: own, songId: "b" }));
    here.handoff.receive(state({ version: 2, songId: "b" }));
    expect(here.done).toEqual(["pause", "“Title b” goes on on Kitchen"]);
  });
});

describe("Two tabs of one browser, which are one device", () => {
  it("do not both play: the tab that begins tells the other, which pauses without a word", () => {
    playing("b");
    here.handoff.receive(state({ version: 1, deviceId: own, songId: "b" }));
    expect(here.tabsTold()).toBe(1);
    here.set({ position: 7 });
    expect(here.tabsTold()).toBe(1);
    here.handoff.playsInOtherTab();
    expect(here.done).toEqual(["pause"]);
    here.handoff.receive(state({ version: 2, deviceId: own, songId: "c" }));
    here.clock.advance(10_000);
    here.set({ position: 9 });
    expect(here.sent).toHaveLength(1);
    expect(here.handoff.elsewhere.get()).toBeUndefined();
  });

  it("hand over in both directions", () => {
    playing("b");
    here.handoff.playsInOtherTab();
    here.handoff.receive(state({ version: 2, deviceId: own, songId: "c" }));
    here.set({ status: "playing" });
    expect(here.tabsTold()).toBe(2);
    expect(here.sent.at(-1)).toMatchObject({ version: 2, songId: "b", paused: false });
  });
});

describe("What another device plays", () => {
  it("is shown while it plays and is connected", () => {
    here.handoff.receive(state({ version: 1 }));
    expect(here.handoff.elsewhere.get()).toMatchObject({ songId: "a", deviceName: "Kitchen" });
    here.devices.set([device(own)]);
    expect(here.handoff.elsewhere.get()).toBeUndefined();
    here.devices.set([device(own), device(other)]);
    here.handoff.receive(state({ version: 2, paused: true }));
    expect(here.handoff.elsewhere.get()).toBeUndefined();
  });

  it("is not shown by an older state that comes late", () => {
    here.handoff.receive(state({ version: 2, paused: true }));
    here.handoff.receive(state({ version: 1 }));
    expect(here.handoff.elsewhere.get()).toBeUndefined();
  });

  it("is taken over at the second where it is by now", async () => {
    here.handoff.receive(state({ version: 5, positionSeconds: 10 }));
    here.clock.advance(4_000);
    await here.handoff.takeOver();
    expect(here.done).toEqual(["play a at 14"]);
    expect(here.tabsTold()).toBe(1);
    expect(here.sent).toEqual([
      { type: "playback", version: 5, songId: "a", positionSeconds: 14, paused: false },
    ]);
    here.handoff.receive(state({ version: 6, deviceId: own }));
    expect(here.handoff.elsewhere.get()).toBeUndefined();
    expect(here.done).toHaveLength(1);
  });

  it.each([
    ["minutes ago", 30_000, 44],
    ["a moment ahead of what this page takes for the server's time", -400, 14],
  ])("is taken over where it is by now, also where it was told %s", async (_, age, at) => {
    const told = state({ version: 5, positionSeconds: 10 });
    here.times.server = Date.parse(told.at) + age;
    here.handoff.receive(told);
    here.clock.advance(4_000);
    await here.handoff.takeOver();
    expect(here.done).toEqual([`play a at ${at}`]);
  });

  it("stays with the device that was quicker, and this one is told", async () => {
    here.handoff.receive(state({ version: 5 }));
    await here.handoff.takeOver();
    here.handoff.receive(state({ version: 6, deviceId: "third", deviceName: "Desk" }));
    expect(here.done).toEqual(["play a at 10", "pause", "Desk was quicker"]);
  });
});
