import type { PlanName } from "../../core/contract/accounts.ts";
import type { Song } from "../../core/contract/catalogue.ts";
import { hearsWhole } from "../../core/domain/plans.ts";
import type { LoadOptions, Player, PlayerState } from "../player-state.ts";
import type { Settings } from "../settings.ts";
import { audioSourceOf } from "./audio-source.ts";
import * as queues from "./queue.ts";
import { createQueueFiller, type SongPages } from "./queue-filler.ts";
import { createStore, type Readable } from "./store.ts";

export type Volume = { readonly level: number; readonly muted: boolean };
export type PlaybackController = ReturnType<typeof createPlayback>;

/** From here on, "previous" starts the song anew. */
const restartAfterSeconds = 3;
/** After so many songs in a row that cannot be played, no further one is tried. */
const maxUnplayable = 3;

/**
 * The queue, the volume and what the buttons do; the player makes the sound.
 *
 * @param songUnplayable told why a song cannot be played, whether or not another one follows
 */
export function createPlayback(deps: {
  player: Player;
  random: () => number;
  volume: Settings<Volume>;
  songUnplayable: (song: Song, error: unknown) => void;
}) {
  const { player, random } = deps;
  const queue = createStore<queues.Queue>(queues.emptyQueue);
  const filler = createQueueFiller({ queue, random });
  const volume = createStore<Volume>(deps.volume.read());
  let plan: PlanName = "free";
  let unplayable = 0;

  const applyVolume = ({ level, muted }: Volume) => player.setVolume(level, muted);
  applyVolume(volume.get());
  volume.subscribe((value) => {
    applyVolume(value);
    deps.volume.write(value);
  });

  /** A preview has no second of the rest of its song: it plays from its beginning. */
  function load(song: Song, { at = 0, ...options }: LoadOptions): void {
    const source = audioSourceOf(song, plan);
    const isThere = hearsWhole(plan, song.tier) || at < source.durationSeconds;
    player.load(song, source, { ...options, at: isThere ? at : 0 });
  }

  /** What goes on by itself stays paused where somebody paused it while what follows was fetched. */
  function playAt(place: queues.Queue, wish: "none" | "ask"): void {
    queue.set(place);
    const song = queues.currentSong(place);
    if (song) load(song, { wish, playing: wish === "ask" || isOn(player.state.get().status) });
  }

  /** Somebody asked for it. */
  function playAnew(place: queues.Queue): void {
    unplayable = 0;
    playAt(place, "ask");
  }

  function follow(songs: readonly Song[], first: number, rest?: SongPages): void {
    filler.follow(undefined);
    queue.set(queues.startQueue(queue.get(), songs, first, random));
    filler.follow(rest);
  }

  /** Goes on in the queue; at its end the last song stays, to be played again. */
  async function advance(ended: boolean, wish: "none" | "ask", atEnd = rest): Promise<void> {
    const from = queue.get();
    if (!queues.next({ ...from, repeat: "off" }, ended)) await filler.more();
    // Somebody chose something else meanwhile.
    if (queues.currentSong(queue.get()) !== queues.currentSong(from)) return;
    const following = queues.next(queue.get(), ended);
    if (following) playAt(following, wish);
    else atEnd();
  }

  function rest(): void {
    const song = queues.currentSong(queue.get());
    if (song) load(song, { playing: false });
    else clear();
  }

  function toggle(): void {
    if (isOn(player.state.get().status)) player.pause();
    else resume();
  }

  function resume(): void {
    if (player.state.get().status === "idle") playAnew(queue.get());
    else {
      unplayable = 0;
      player.play();
    }
  }

  function next(): void {
    unplayable = 0;
    void advance(false, "ask");
  }

  function previous(): void {
    if (player.state.get().position > restartAfterSeconds) player.seek(0);
    else playAnew(queues.previous(queue.get()));
  }

  return {
    queue: queue as Readable<queues.Queue>,
    volume: volume as Readable<Volume>,
    player: player.state,

    /**
     * Plays a list from one of its songs on; a click on what plays already pauses it.
     *
     * @param rest where the list goes on after these songs
     */
    play(songs: readonly Song[], first: number, rest?: SongPages): void {
      const { song, status } = player.state.get();
      const isCurrent = song !== undefined && songs[first]?.songId === song.songId;
      if (isCurrent && isOn(status)) player.pause();
      else {
        follow(songs, first, rest);
        if (isCurrent) resume();
        else playAnew(queue.get());
      }
    },
    /** Goes on here, from somewhere in a song, with what another device plays; what follows it here still does. */
    goOn(song: Song, at: number): void {
      unplayable = 0;
      if (queues.currentSong(queue.get())?.songId !== song.songId) follow([song], 0);
      load(song, { at, wish: "take" });
    },
    playNext: (song: Song) => queue.update((list) => queues.enqueueNext(list, song)),
    toggle,
    pause: player.pause,
    resume,
    next,
    previous,
    songEnded(): void {
      unplayable = 0;
      void advance(true, "none");
    },
    /** The song cannot be played: the next one plays, unless too many in a row could not, or there is none. */
    songFailed(error: unknown): void {
      const { song } = player.state.get();
      if (!song) return;
      deps.songUnplayable(song, error);
      unplayable += 1;
      const following = queues.currentSong(queues.next(queue.get(), false) ?? queues.emptyQueue);
      const isLast = !following && !filler.hasMore();
      if (isLast || following?.songId === song.songId || unplayable >= maxUnplayable) player.fail(error);
      else void advance(false, "none", () => player.fail(error));
    },
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
      const isWhole = hearsWhole(next, song.tier);
      load(song, { at: isWhole ? position : 0, playing: isWhole && isOn(status) });
    },
    /** Shows a queue as it was left, paused in its song (seconds). */
    restore(left: queues.Queue, at: number): void {
      queue.set(left);
      const song = queues.currentSong(left);
      if (song) load(song, { at, playing: false });
    },
    /** The library has the song no more. Where it plays already, its end is told by the player. */
    drop(songId: string): void {
      const { song, status } = player.state.get();
      const isCurrent = song?.songId === songId;
      if (isCurrent && isOn(status)) return;
      queue.update((list) => queues.remove(list, songId));
      if (isCurrent) rest();
    },
    /** Nobody is signed in any more. */
    clear,
  };

  function clear(): void {
    filler.follow(undefined);
    player.clear();
    queue.set(queues.emptyQueue);
  }
}

const isOn = (status: PlayerState["status"]): boolean => status === "playing" || status === "waiting";
