import type { PlanName } from "../../core/contract/accounts.ts";
import type { Song } from "../../core/contract/catalogue.ts";
import { hearsWhole } from "../../core/domain/plans.ts";
import type { Player } from "../player.ts";
import type { Settings } from "../settings.ts";
import * as queues from "./queue.ts";
import { createStore, type Readable } from "./store.ts";

export type Volume = { readonly level: number; readonly muted: boolean };
export type PlaybackStore = ReturnType<typeof createPlayback>;

/** From here on, "previous" starts the song anew. */
const restartAfterSeconds = 3;

/** The queue, the volume and what the buttons do; the player makes the sound. */
export function createPlayback(deps: { player: Player; random: () => number; volume: Settings<Volume> }) {
  const { player, random } = deps;
  const queue = createStore<queues.Queue>(queues.emptyQueue);
  const volume = createStore<Volume>(deps.volume.read());
  let plan: PlanName = "free";

  const applyVolume = ({ level, muted }: Volume) => player.setVolume(level, muted);
  applyVolume(volume.get());
  volume.subscribe((value) => {
    applyVolume(value);
    deps.volume.write(value);
  });

  /** @param wish whether a person asked for it, or it only comes next */
  function playCurrent(wish: "none" | "ask"): void {
    const song = queues.currentSong(queue.get());
    if (song) player.load(song, urlOf(song), { wish });
  }

  /** One address a kind of audio: browsers play on from what they have of an address, without asking (Chromium, 5 min). */
  const urlOf = (song: Song): string =>
    `${song.streamUrl}?${hearsWhole(plan, song.tier) ? "whole" : "preview"}`;

  function go(following: queues.Queue | undefined, wish: "none" | "ask" = "ask"): void {
    if (following) {
      queue.set(following);
      playCurrent(wish);
    } else player.stop();
  }

  function toggle(): void {
    const { status } = player.state.get();
    if (status === "playing" || status === "waiting") player.pause();
    else if (status === "idle") playCurrent("ask");
    else player.play();
  }

  function previous(): void {
    if (player.state.get().position > restartAfterSeconds) player.seek(0);
    else go(queues.previous(queue.get()));
  }

  return {
    queue: queue as Readable<queues.Queue>,
    volume: volume as Readable<Volume>,
    player: player.state,

    /** Plays a list from one of its songs on; a click on what plays already pauses it. */
    play(songs: readonly Song[], start: number): void {
      const song = songs[start];
      if (song && song.songId === player.state.get().song?.songId) toggle();
      else go(queues.startQueue(queue.get(), songs, start, random));
    },
    /** Goes on here, from somewhere in a song, with what another device plays; what follows it here still does. */
    goOn(song: Song, at: number): void {
      const isCurrent = queues.currentSong(queue.get())?.songId === song.songId;
      if (!isCurrent) queue.set(queues.startQueue(queue.get(), [song], 0, random));
      player.load(song, urlOf(song), { at, wish: "take" });
    },
    playNext: (song: Song) => queue.update((list) => queues.enqueueNext(list, song)),
    toggle,
    pause: player.pause,
    resume: player.play,
    next: () => go(queues.next(queue.get(), false)),
    previous,
    songEnded: () => go(queues.next(queue.get(), true), "none"),
    seek: player.seek,
    seekBy: (seconds: number) => player.seek(player.state.get().position + seconds),
    setVolume: (level: number) => volume.set({ level: Math.min(Math.max(level, 0), 1), muted: false }),
    toggleMute: () => volume.update(({ level, muted }) => ({ level, muted: !muted })),
    toggleShuffle: () => queue.update((list) => queues.toggleShuffle(list, random)),
    cycleRepeat: () => queue.update((list) => ({ ...list, repeat: queues.nextRepeat(list.repeat) })),

    /** The plan is known or has changed: what it no longer includes stops, what it now includes is heard whole. */
    setPlan(next: PlanName): void {
      const { song, position, status } = player.state.get();
      const before = plan;
      plan = next;
      if (!song || hearsWhole(before, song.tier) === hearsWhole(next, song.tier)) return;
      const playing = status === "playing" || status === "waiting";
      player.load(song, urlOf(song), {
        at: hearsWhole(next, song.tier) ? position : 0,
        playing: playing && hearsWhole(next, song.tier),
      });
    },
    /** Nobody is signed in any more. */
    clear(): void {
      player.stop();
      queue.set(queues.emptyQueue);
    },
  };
}
