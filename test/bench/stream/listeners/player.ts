/** How a player that is told of bytes plays them: 320 kbit/s. */
export const bytesPerSecond = 40_000;
/** It begins with this much in its buffer, and asks for no more while it has that much. */
const startBytes = bytesPerSecond / 2;
const fullBytes = 10 * bytesPerSecond;

export type Player = {
  receive(count: number): void;
  /** Whether the buffer holds all that is wanted ahead. */
  readonly isFull: boolean;
  /** Plays what is due after so much time; where the buffer has less, the rest of it is silence. */
  play(elapsedMs: number): void;
  readonly heard: Heard;
};

export type Heard = {
  readonly playedMs: number;
  /** Times the music stopped. */
  readonly stutters: number;
  readonly silentMs: number;
};

/** The buffer of a player: it fills ahead, plays out at its pace, and falls silent where it is empty. */
export function createPlayer(): Player {
  let bufferedBytes = 0;
  let playing = false;
  let silent = false;
  let playedMs = 0;
  let stutters = 0;
  let silentMs = 0;
  return {
    receive(count) {
      bufferedBytes += count;
      playing ||= bufferedBytes >= startBytes;
    },
    get isFull() {
      return bufferedBytes >= fullBytes;
    },
    play(elapsedMs) {
      if (!playing) return;
      const dueBytes = (elapsedMs * bytesPerSecond) / 1000;
      const bytes = Math.min(dueBytes, bufferedBytes);
      const missingMs = ((dueBytes - bytes) / bytesPerSecond) * 1000;
      bufferedBytes -= bytes;
      playedMs += elapsedMs - missingMs;
      silentMs += missingMs;
      if (missingMs > 0 && !silent) stutters++;
      silent = missingMs > 0;
    },
    get heard() {
      return { playedMs, stutters, silentMs };
    },
  };
}
