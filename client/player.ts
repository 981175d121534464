import type { Song } from "../core/contract/catalogue.ts";
import type { ClientClock } from "./clock.ts";
import type { ApiFailure } from "./failure.ts";
import type { AudioOutput, HowlPlayback } from "./howl-playback.ts";
import { type AudioSource, idle, type Player, type PlayerState } from "./player-state.ts";
import type { Probe } from "./probe.ts";
import { createRecovery } from "./recovery.ts";
import { createStore } from "./state/store.ts";
import { createStreamSlot } from "./stream-slot.ts";
import { createWish } from "./wish.ts";

/** A pause that nobody here asked for counts as one when it lasts: by a key of the keyboard or of a headset. */
const pauseSettlesMs = 400;

/**
 * Plays one song at a time. What fails is looked into with `probe`, and what was merely cut goes on where it was.
 *
 * @param ready resolves when audio may be asked for (the access cookie is good)
 * @param ended told when the song has played to its end
 * @param unplayable told why a song cannot be played, now or by further tries
 */
export function createPlayer(deps: {
  output: AudioOutput;
  probe: Probe;
  ready: () => Promise<void>;
  ended: () => void;
  unplayable: (error: ApiFailure) => void;
  clock: ClientClock;
  random: () => number;
  newId: () => string;
}): Player {
  const { clock, output } = deps;
  const state = createStore<PlayerState>(idle);
  const wish = createWish(deps.newId);
  const recovery = createRecovery(deps);
  let audio: HowlPlayback | undefined;
  let source: AudioSource | undefined;
  let attempt = new AbortController();
  let wanted = false;
  const slot = createStreamSlot({
    ...deps,
    state,
    playing: () => (wanted && audio && source ? { url: source.url, signal: attempt.signal } : undefined),
    silence: stop,
  });

  const watchStall = () => recovery.watch(() => wanted && void recover(0));
  const merge = (change: Partial<PlayerState>) => state.update((last) => ({ ...last, ...change }));

  function silence(): void {
    attempt.abort();
    attempt = new AbortController();
    recovery.unwatch();
    audio?.unload();
    audio = undefined;
  }

  function stop(): void {
    silence();
    wanted = false;
  }

  /**
   * Opens the audio at the position of then, which may have been sought meanwhile.
   *
   * @param takes whether to say that a person wishes it
   */
  async function open(from: AudioSource, takes = false): Promise<void> {
    const wished = takes ? wish.spend() : undefined;
    const url = wished ? `${from.url}&take=${wished}` : from.url;
    silence();
    const { signal } = attempt;
    watchStall();
    await deps.ready().catch(() => {});
    if (signal.aborted) return;
    audio = output.open({ ...from, url }, { at: state.get().position, playing: wanted }, signal, {
      progress,
      playing,
      waiting: () => {
        if (wanted) merge({ status: "waiting" });
        watchStall();
      },
      paused: () => clock.after(pauseSettlesMs, () => !signal.aborted && audio?.isPaused() && pausePlaying()),
      blocked: pausePlaying,
      broken: (code) => void recover(code),
      ended,
    });
  }

  function progress(at: { position: number; elementDuration: number; bufferedTo: number }): void {
    const { position, elementDuration, bufferedTo } = at;
    recovery.progressed(position);
    wish.heard(bufferedTo);
    const isBetter = !source?.isDurationKnown && Number.isFinite(elementDuration);
    const duration = isBetter ? elementDuration : state.get().duration;
    merge({ position, bufferedTo, duration: Math.max(duration, position) });
  }

  function playing(): void {
    recovery.unwatch();
    const { waitingFor: _, ...rest } = state.get();
    state.set({ ...rest, status: wanted ? "playing" : "paused" });
  }

  function ended(): void {
    const { position, duration } = state.get();
    if (recovery.isEnd(position, duration)) {
      // An element pauses where it ends, which nobody asked for.
      silence();
      deps.ended();
    } else {
      // A browser that is told to play from the very end begins anew, so a second is heard again.
      merge({ position: Math.max(position - 1, 0) });
      void recover(0);
    }
  }

  function pausePlaying(): void {
    wanted = false;
    recovery.unwatch();
    audio?.pause();
    if (state.get().song && state.get().status !== "failed") merge({ status: "paused" });
  }

  /**
   * Finds out why the audio broke; goes on where it was, or says why it cannot.
   *
   * @param code of the MediaError, 0 where there is none
   */
  async function recover(code: number): Promise<void> {
    silence();
    const { signal } = attempt;
    if (!wanted || !source) return;
    merge({ status: "waiting" });
    const diagnosis = await recovery.diagnose(source.url, code, state.get().position);
    if (signal.aborted || !wanted) return;
    if (diagnosis.kind === "unplayable") return deps.unplayable(diagnosis.error);
    if (diagnosis.kind === "displaced" && !wish.isOpen()) return slot.giveWay(diagnosis.playingOn);
    if (diagnosis.kind === "retry") {
      if (diagnosis.waitingFor) merge({ waitingFor: diagnosis.waitingFor });
      await recovery.rest(diagnosis, signal);
    }
    if (!signal.aborted && wanted) await open(source, diagnosis.kind === "displaced");
  }

  function begin(song: Song, at: number, from: AudioSource): void {
    source = from;
    recovery.reset(at);
    const status = wanted ? "waiting" : "paused";
    state.set({ ...idle, song, status, position: at, duration: from.durationSeconds });
  }

  return {
    state,
    load(song, from, { at = 0, playing: plays = true, wish: wished = "none" } = {}) {
      wanted = plays;
      const takes = wished === "take" || (wished === "ask" && state.get().playingOn !== undefined);
      if (wished === "none") wish.forget();
      else wish.make(0);
      begin(song, at, from);
      if (plays) void open(from, takes);
      else silence();
    },
    play() {
      const { song, position, bufferedTo, playingOn } = state.get();
      if (!song || !source || wanted) return;
      wanted = true;
      wish.make(audio ? bufferedTo : 0);
      if (!audio) begin(song, position, source);
      recovery.reset(position);
      merge({ status: "waiting" });
      if (audio) audio.play();
      else void open(source, playingOn !== undefined);
    },
    pause: pausePlaying,
    seek(seconds) {
      if (!state.get().song) return;
      const position = Math.min(Math.max(seconds, 0), state.get().duration);
      recovery.reset(position);
      merge({ position });
      audio?.seek(position);
    },
    setVolume: output.setVolume,
    fail(error) {
      stop();
      merge({ status: "failed", error });
    },
    ...slot,
    clear() {
      stop();
      source = undefined;
      state.set(idle);
    },
    wake: recovery.wake,
  };
}
