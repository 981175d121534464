import { Howl, Howler } from "howler";
import type { Song } from "../core/contract/catalogue.ts";
import { type Clock, pause as wait } from "./clock.ts";
import { ApiFailure } from "./failure.ts";
import { fullJitter } from "./live/backoff.ts";
import type { Probe } from "./probe.ts";
import { createStore, type Readable } from "./state/store.ts";

/** What plays, as plain data. `waiting`: it should play, but no sound has come yet. Times in seconds. */
export type PlayerState = {
  readonly song?: Song;
  readonly status: "idle" | "waiting" | "playing" | "paused" | "failed";
  readonly position: number;
  readonly duration: number;
  readonly bufferedTo: number;
  readonly error?: unknown;
  /** Names of the devices that play instead of this one, since one of them took its place. */
  readonly playingOn?: readonly string[];
};

export type Player = {
  readonly state: Readable<PlayerState>;
  /**
   * Replaces what plays.
   * @param url where this listener's audio of the song is, with a query
   */
  load(song: Song, url: string, from?: LoadOptions): void;
  play(): void;
  pause(): void;
  seek(seconds: number): void;
  /** @param volume 0 to 1 */
  setVolume(volume: number, muted: boolean): void;
  /** Stops, and says why. */
  fail(error: unknown): void;
  stop(): void;
  /** Leaves playing to other devices, by name: song and position stay, for whoever plays here again. */
  giveWay(playingOn: readonly string[]): void;
  /** The devices that this one gave way to play no more. */
  placeFreed(): void;
  /** Another device begins: gives way where the server says that it has this one's place. */
  checkPlace(): Promise<void>;
  /** The network is back. */
  wake(): void;
};

export type LoadOptions = {
  readonly at?: number;
  readonly playing?: boolean;
  /**
   * Whether a person wishes to hear it here. `ask`: it takes another device's place where the server asks for a wish;
   * `take`: it says so at once, since another device is known to play.
   */
  readonly wish?: "none" | "ask" | "take";
};

const idle: PlayerState = { status: "idle", position: 0, duration: 0, bufferedTo: 0 };
/** No sound for so long while it should play: ask the server what is wrong. */
const stalledAfterMs = 12_000;
/** A pause that nobody here asked for counts as one when it lasts: by a key of the keyboard or of a headset. */
const pauseSettlesMs = 400;
/** So long after a device said that it begins, its audio is asked for (milliseconds). */
const placeSettlesMs = 500;
const patience = 4;

/**
 * Plays one song at a time. The only file that touches Howler: one Howl lives at a time; what fails is looked
 * into with `probe`, and what was merely cut goes on where it was.
 *
 * @param ready resolves when audio may be asked for (the access cookie is good)
 */
export function createPlayer(deps: {
  probe: Probe;
  ready: () => Promise<void>;
  ended: () => void;
  clock: Clock;
  random: () => number;
  newId: () => string;
}): Player {
  const { clock } = deps;
  const state = createStore<PlayerState>(idle);
  let voice: Voice | undefined;
  let source = "";
  let attempt = new AbortController();
  let resting: AbortController | undefined;
  let wanted = false;
  /**
   * Names a person's wish to hear this here, until bytes have come on it: what goes on by itself later has none, or two
   * devices would take the place from each other for ever. With how much was buffered when it was wished (seconds).
   */
  let wish: { readonly id: string; readonly bufferedTo: number } | undefined;
  let failures = 0;
  let cancelStall = () => {};

  const merge = (change: Partial<PlayerState>) => state.update((last) => ({ ...last, ...change }));

  function silence(): void {
    attempt.abort();
    attempt = new AbortController();
    cancelStall();
    voice?.unload();
    voice = undefined;
  }

  /** @param takes whether to say that a person wishes it */
  async function open(song: Song, at: number, takes = false): Promise<void> {
    const url = takes && wish ? `${source}&take=${wish.id}` : source;
    if (takes) wish = undefined;
    silence();
    const { signal } = attempt;
    watchStall();
    await deps.ready().catch(() => {});
    if (signal.aborted) return;
    voice = createVoice(song, url, { at, playing: wanted }, signal, {
      progress,
      flowing,
      starved: () => {
        if (wanted) merge({ status: "waiting" });
        watchStall();
      },
      stopped: () => clock.after(pauseSettlesMs, () => !signal.aborted && settlePause()),
      blocked: () => pausePlaying(),
      broken: (code) => void recover(code),
      ended: () => (hasReachedEnd() ? deps.ended() : void recover(0)),
    });
  }

  function progress(change: Pick<PlayerState, "position" | "duration" | "bufferedTo">): void {
    if (change.position > state.get().position) failures = 0;
    if (wish && change.bufferedTo > wish.bufferedTo) wish = undefined;
    merge(change);
  }

  function flowing(): void {
    cancelStall();
    merge({ status: wanted ? "playing" : "paused" });
  }

  function watchStall(): void {
    cancelStall();
    cancelStall = clock.after(stalledAfterMs, () => wanted && void recover(0));
  }

  function settlePause(): void {
    if (wanted && voice?.isPaused()) pausePlaying();
  }

  function pausePlaying(): void {
    wanted = false;
    cancelStall();
    voice?.pause();
    if (state.get().song && state.get().status !== "failed") merge({ status: "paused" });
  }

  const hasReachedEnd = () => state.get().position >= state.get().duration - 1.5;

  /** Finds out why the audio broke; goes on where it was, or says why it cannot. */
  async function recover(mediaErrorCode: number): Promise<void> {
    const { song, position } = state.get();
    if (!song) return;
    silence();
    const { signal } = attempt;
    merge({ status: wanted ? "waiting" : "paused" });
    const verdict = await deps.probe(source);
    if (signal.aborted) return;
    failures += 1;
    if (verdict.kind === "refused" && verdict.error.kind === "too-many-devices") {
      if (wish && wanted) return open(song, position, true);
      return giveWay(namesIn(verdict.error));
    }
    if (verdict.kind === "refused") return fail(verdict.error);
    if (verdict.kind === "fine" && failures > patience) return fail(unplayable(mediaErrorCode));
    resting = new AbortController();
    await wait(clock, fullJitter(failures, deps.random), AbortSignal.any([signal, resting.signal]));
    if (!signal.aborted) await open(song, position);
  }

  function giveWay(playingOn: readonly string[]): void {
    if (!state.get().song) return;
    silence();
    wanted = false;
    merge({ status: "paused", playingOn });
  }

  function placeFreed(): void {
    const { playingOn: _, ...rest } = state.get();
    state.set(rest);
  }

  /** What has come whole needs no place any more, and to ask would take one. */
  async function checkPlace(): Promise<void> {
    const { signal } = attempt;
    await wait(clock, placeSettlesMs, signal);
    const { bufferedTo, duration } = state.get();
    if (signal.aborted || !wanted || !voice || bufferedTo > duration - 1) return;
    const verdict = await deps.probe(source);
    if (signal.aborted || !wanted || verdict.kind !== "refused") return;
    if (verdict.error.kind === "too-many-devices") giveWay(namesIn(verdict.error));
  }

  function wishFor(bufferedTo: number): void {
    wish = { id: deps.newId(), bufferedTo };
  }

  function fail(error: unknown): void {
    silence();
    wanted = false;
    merge({ status: "failed", error });
  }

  return {
    state,
    load(song, url, { at = 0, playing = true, wish: wished = "none" } = {}) {
      source = url;
      wanted = playing;
      failures = 0;
      const takes = wished === "take" || (wished === "ask" && state.get().playingOn !== undefined);
      if (wished === "none") wish = undefined;
      else wishFor(0);
      const duration = song.durationSeconds;
      state.set({ song, status: playing ? "waiting" : "paused", position: at, duration, bufferedTo: 0 });
      void open(song, at, takes);
    },
    play() {
      const { song, position, status, bufferedTo, playingOn } = state.get();
      if (!song || wanted) return;
      wanted = true;
      failures = 0;
      wishFor(voice ? bufferedTo : 0);
      if (status === "failed" || playingOn)
        state.set({ ...idle, song, position, duration: song.durationSeconds });
      merge({ status: "waiting" });
      if (voice) voice.play();
      else void open(song, position, playingOn !== undefined);
    },
    pause: pausePlaying,
    seek(seconds) {
      const { duration, song } = state.get();
      if (!song) return;
      const position = Math.min(Math.max(seconds, 0), duration);
      merge({ position });
      voice?.seek(position);
    },
    setVolume(volume, muted) {
      Howler.volume(volume);
      Howler.mute(muted);
    },
    fail,
    giveWay,
    placeFreed,
    checkPlace,
    stop() {
      silence();
      wanted = false;
      state.set(idle);
    },
    wake: () => resting?.abort(),
  };
}

const namesIn = ({ problem }: ApiFailure): readonly string[] => problem?.playingOn ?? ["another device"];

type Voice = ReturnType<typeof createVoice>;

type VoiceEvents = {
  progress(at: Pick<PlayerState, "position" | "duration" | "bufferedTo">): void;
  flowing(): void;
  starved(): void;
  stopped(): void;
  /** The browser wants a gesture of the user first. */
  blocked(): void;
  /** @param code of the MediaError, 0 when there is none */
  broken(code: number): void;
  ended(): void;
};

/** One Howl and its element; silent after `unload`. */
function createVoice(
  song: Song,
  url: string,
  { at, playing }: { at: number; playing: boolean },
  signal: AbortSignal,
  events: VoiceEvents,
) {
  const ifHeard = (then: () => void) => () => {
    if (!signal.aborted) then();
  };
  const howl = new Howl({
    src: [url],
    format: [formatOf(song.contentType)],
    html5: true,
    onend: ifHeard(events.ended),
    onplayerror: ifHeard(events.blocked),
    // Also where the browser has no codec: then there is no element that could tell.
    onloaderror: (_id, code) => ifHeard(() => events.broken(typeof code === "number" ? code : 4))(),
  });
  const element = elementOf(howl);
  if (element) listen(element, signal, events);
  if (at > 0) howl.seek(at);
  if (playing) howl.play();

  return {
    play: () => void howl.play(),
    pause: () => void howl.pause(),
    /**
     * Past Howler while it plays: that would pause, and play on only when the browser has so much that it could play to
     * the end.
     */
    seek(seconds: number) {
      if (element && element.readyState > 0 && howl.playing()) element.currentTime = seconds;
      else howl.seek(seconds);
    },
    isPaused: () => element?.paused ?? true,
    unload: () => howl.unload(),
  };
}

/** Howler has no event for progress or starving, and forgets its error listener after one error. */
function listen(element: HTMLAudioElement, signal: AbortSignal, events: VoiceEvents): void {
  const on = (types: string[], listener: () => void) => {
    for (const type of types) element.addEventListener(type, listener, { signal });
  };
  const report = () => {
    if (element.readyState === 0) return;
    const { currentTime: position, duration, buffered } = element;
    const bufferedTo = buffered.length ? buffered.end(buffered.length - 1) : 0;
    if (Number.isFinite(duration)) events.progress({ position, duration, bufferedTo });
  };
  on(["timeupdate", "durationchange", "progress"], report);
  on(["playing"], events.flowing);
  on(["waiting"], events.starved);
  on(["pause"], events.stopped);
}

/** Howler keeps its media elements to itself; the events of this one are the only truth about playback. */
const elementOf = (howl: Howl): HTMLAudioElement | undefined =>
  (howl as unknown as { _sounds: { _node?: HTMLAudioElement }[] })._sounds[0]?._node;

const formats: Record<string, string> = {
  "audio/mpeg": "mp3",
  "audio/flac": "flac",
  "audio/x-flac": "flac",
  "audio/ogg": "ogg",
  "audio/opus": "opus",
  "audio/mp4": "m4a",
  "audio/x-m4a": "m4a",
  "audio/aac": "aac",
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/wave": "wav",
  "audio/webm": "webm",
};

/** Howler guesses a codec from the extension, and these URLs have none. */
const formatOf = (contentType: string): string =>
  formats[contentType.split(";")[0]?.trim().toLowerCase() ?? ""] ?? "mp3";

/** MEDIA_ERR_SRC_NOT_SUPPORTED and MEDIA_ERR_DECODE of HTML's MediaError. */
const unplayable = (code: number): ApiFailure =>
  code >= 3
    ? new ApiFailure("bad-audio", "This browser cannot play this kind of file.")
    : new ApiFailure("unavailable", "The music keeps breaking off. Try again in a moment.");
