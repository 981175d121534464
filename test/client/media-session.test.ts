import { beforeEach, expect, it, vi } from "vitest";
import { connectMediaSession } from "../../client/media-session.ts";
import { openListener, settle } from "./support/listener.ts";
import { song } from "./support/songs.ts";

const songs = ["a", "b", "c"].map((songId) => song(songId));
let here: ReturnType<typeof openListener>;
let actions: Map<string, (details: MediaSessionActionDetails) => void>;
let shown: Partial<MediaSession> & { position?: MediaPositionState | undefined };

beforeEach(() => {
  vi.stubGlobal("MediaMetadata", class {});
  [here, actions, shown] = [openListener(), new Map(), {}];
  const session = Object.assign(shown, {
    setActionHandler: (action: string, handler: (details: MediaSessionActionDetails) => void) => {
      if (action === "stop") throw new TypeError("not known here");
      actions.set(action, handler);
    },
    setPositionState: (position?: MediaPositionState) => {
      if (position && (position.position ?? 0) > (position.duration ?? 0)) throw new TypeError("beyond");
      shown.position = position;
    },
  });
  connectMediaSession(session as unknown as MediaSession, here.playback);
});

async function press(action: MediaSessionAction, details: Partial<MediaSessionActionDetails> = {}) {
  actions.get(action)?.({ action, ...details });
  await here.listen();
}

it("Media keys work while it plays, when it is paused, at the end, after a failure, and when it is empty", async () => {
  for (const action of ["play", "pause", "nexttrack", "previoustrack", "seekforward"] as const)
    await press(action);
  expect(here.state().status).toBe("idle");
  here.playback.play(songs, 0);
  await here.listen();
  await press("nexttrack");
  expect(here.heard()).toBe("b");
  expect(shown.position).toEqual({ duration: 100, position: 1 });
  await press("pause");
  expect([here.state().status, shown.playbackState]).toEqual(["paused", "paused"]);
  await press("nexttrack");
  await press("seekto", { seekTime: 40 });
  expect([here.heard(), here.state().position]).toEqual(["c", 41]);
  await press("nexttrack");
  expect([here.heard(), here.state().status]).toEqual(["c", "paused"]);
  await press("play");
  expect([here.state().status, shown.playbackState]).toEqual(["playing", "playing"]);
  here.refuse("c");
  here.sound.last().tell.broken(2);
  await settle();
  expect([here.state().status, shown.playbackState]).toEqual(["failed", "paused"]);
  await press("previoustrack");
  expect([here.heard(), here.state().status]).toEqual(["b", "playing"]);
  here.playback.clear();
  expect([shown.playbackState, shown.metadata, shown.position]).toEqual(["none", null, undefined]);
});

it("A song that is longer than was thought breaks nothing", async () => {
  here.playback.play(songs, 0);
  await here.listen();
  here.sound.last().playTo(123, Number.POSITIVE_INFINITY);
  expect(shown.position).toEqual({ duration: 123, position: 123 });
});
