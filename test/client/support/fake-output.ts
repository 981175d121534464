import type { AudioOutput, PlaybackEvents } from "../../../client/howl-playback.ts";
import type { AudioSource } from "../../../client/player-state.ts";

/** One audio that was opened; the test is its element. */
type FakeAudio = {
  readonly source: AudioSource;
  /** Where it was opened or sought last (seconds), and whether it is to play. */
  at: number;
  isOn: boolean;
  isLoaded: boolean;
  /** What the element tells; nothing after it was let go. */
  readonly tell: PlaybackEvents;
  /** Plays to there (seconds). @param elementDuration what the element takes for its length */
  playTo(position: number, elementDuration?: number): void;
};

/** Makes no sound, and keeps what was opened. */
export function createFakeOutput() {
  const opened: FakeAudio[] = [];

  const output: AudioOutput = {
    open(source, { at, playing }, signal, events) {
      const tell = new Proxy(events, {
        get: (target, name: keyof PlaybackEvents) => (signal.aborted ? () => {} : target[name]),
      });
      const audio: FakeAudio = {
        source,
        at,
        isOn: playing,
        isLoaded: true,
        tell,
        playTo(position, elementDuration = source.durationSeconds) {
          tell.playing();
          tell.progress({ position, elementDuration, bufferedTo: position });
        },
      };
      opened.push(audio);
      return {
        play: () => void Object.assign(audio, { isOn: true }),
        pause: () => void Object.assign(audio, { isOn: false }),
        seek: (seconds) => void Object.assign(audio, { at: seconds }),
        isPaused: () => !audio.isOn,
        unload: () => void Object.assign(audio, { isLoaded: false }),
      };
    },
    setVolume() {},
  };

  return { output, opened, last: () => opened.at(-1) as FakeAudio };
}
