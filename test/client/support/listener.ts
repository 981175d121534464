import { ApiFailure } from "../../../client/failure.ts";
import { createPlaying } from "../../../client/playing.ts";
import type { Verdict } from "../../../client/probe.ts";
import { openSavedPlayback } from "../../../client/state/saved-playback.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeOutput } from "./fake-output.ts";
import { song } from "./songs.ts";
import { createKeyStorage } from "./storage.ts";

/** One page of a listener on plan hifi: the real player, queue and memory, with elements that the test is. */
export function openListener(storage = createKeyStorage()) {
  const clock = createFakeClock();
  const sound = createFakeOutput();
  const verdicts = new Map<string, Verdict>();
  const gone = new Set<string>();
  const unplayable: string[] = [];
  const { playback, player, memory } = createPlaying({
    clock,
    output: sound.output,
    random: () => 0.5,
    newId: () => "wish",
    probe: async (url) => verdicts.get(url.split("?")[0] ?? "") ?? { kind: "fine" },
    ready: async () => {},
    volume: { read: () => ({ level: 1, muted: false }), write: () => {} },
    openSavedPlayback: (userId) => openSavedPlayback(storage, userId),
    song: async (songId) => {
      if (gone.has(songId)) throw new ApiFailure("not-found", "There is no such thing.");
      return song(songId);
    },
    songUnplayable: ({ songId }) => unplayable.push(songId),
    signedOut: () => unplayable.push("signed out"),
  });
  playback.setPlan("hifi");

  return {
    clock,
    sound,
    storage,
    gone,
    unplayable,
    playback,
    player,
    memory,
    state: player.state.get,
    heard: () => player.state.get().song?.songId,
    /** This song is refused when it is asked for. */
    refuse(songId: string, error = new ApiFailure("not-allowed", `${songId} is refused`)): void {
      verdicts.set(`/stream/${songId}`, { kind: "refused", error });
    },
    /** What is opened breaks where it is refused, and else plays for a second. */
    async listen(): Promise<void> {
      for (let turn = 0; turn < 9; turn += 1) {
        await settle();
        const audio = sound.last();
        if (!audio?.isLoaded) continue;
        if (verdicts.has(audio.source.url.split("?")[0] ?? "")) audio.tell.broken(4);
        else return audio.playTo(audio.at + 1);
      }
    },
    /** The song plays to its end. */
    async end(): Promise<void> {
      sound.last().playTo(100);
      sound.last().tell.ended();
      await settle();
    },
  };
}

/** Lets what was asked be answered. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
