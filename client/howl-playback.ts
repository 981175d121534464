import { Howl, Howler } from "howler";
import type { AudioSource } from "./player-state.ts";
import { createSeeker } from "./seeker.ts";

export type PlaybackEvents = {
  /** Where it is, and what the element takes for its length (seconds; may be infinite or a guess). */
  progress(at: { position: number; elementDuration: number; bufferedTo: number }): void;
  playing(): void;
  waiting(): void;
  paused(): void;
  /** The browser wants a gesture of the user first. */
  blocked(): void;
  /** @param code of the MediaError, 0 where there is none */
  broken(code: number): void;
  ended(): void;
};

/** One audio that can be heard; silent after its signal was aborted and `unload`. */
export type HowlPlayback = {
  play(): void;
  pause(): void;
  seek(seconds: number): void;
  isPaused(): boolean;
  unload(): void;
};

/** What makes sound. */
export type AudioOutput = {
  /** @param options.at where it begins (seconds) */
  open(
    source: AudioSource,
    options: { at: number; playing: boolean },
    signal: AbortSignal,
    events: PlaybackEvents,
  ): HowlPlayback;
  /** @param volume 0 to 1 */
  setVolume(volume: number, muted: boolean): void;
};

/** The only file that touches Howler. */
export const howlOutput: AudioOutput = {
  open: openHowl,
  setVolume(volume, muted) {
    isMuted = muted;
    Howler.volume(volume);
    Howler.mute(muted);
  },
};

let isMuted = false;

/** Longer than any song (milliseconds). Howler would end a song where its element guessed the end when it opened it. */
const noEnd = Number.MAX_SAFE_INTEGER;

function openHowl(
  source: AudioSource,
  { at, playing }: { at: number; playing: boolean },
  signal: AbortSignal,
  events: PlaybackEvents,
): HowlPlayback {
  const ifHeard = (then: () => void) => () => {
    if (!signal.aborted) then();
  };
  const howl = new Howl({
    src: [source.url],
    format: [formatOf(source.contentType)],
    html5: true,
    sprite: { __default: [0, noEnd] },
    onend: ifHeard(events.ended),
    onplayerror: ifHeard(events.blocked),
    // Also where the browser has no codec: then there is no element that could tell.
    onloaderror: (_id, code) => ifHeard(() => events.broken(typeof code === "number" ? code : 4))(),
  });
  const element = elementOf(howl);
  const seeker = element && createSeeker(element, () => isMuted, signal);
  if (element && seeker) listen(element, seeker.position, signal, events);

  /**
   * Past Howler while it plays: that would pause, and play on only when the browser has so much that it could play to
   * the end.
   */
  function seek(seconds: number): void {
    seeker?.aim(seconds);
    if (element && element.readyState > 0 && howl.playing()) element.currentTime = seconds;
    else howl.seek(seconds);
  }

  if (at > 0) seek(at);
  if (playing) howl.play();
  return {
    play: () => void howl.play(),
    pause: () => void howl.pause(),
    seek,
    isPaused: () => element?.paused ?? true,
    unload: () => void howl.unload(),
  };
}

/** Howler has no event for progress or waiting, and forgets its error listener after one error. */
function listen(
  element: HTMLAudioElement,
  position: () => number,
  signal: AbortSignal,
  events: PlaybackEvents,
): void {
  const on = (types: string[], listener: () => void) => {
    for (const type of types) element.addEventListener(type, listener, { signal });
  };
  on(["timeupdate", "durationchange", "progress"], () => {
    if (element.readyState === 0) return;
    const { duration, buffered } = element;
    const bufferedTo = buffered.length ? buffered.end(buffered.length - 1) : 0;
    events.progress({ position: position(), elementDuration: duration, bufferedTo });
  });
  on(["playing"], events.playing);
  on(["waiting"], events.waiting);
  on(["pause"], events.paused);
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
