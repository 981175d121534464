/** What the seeker needs of a media element. */
export type SeekableElement = Pick<HTMLMediaElement, "currentTime" | "duration" | "muted"> &
  Pick<EventTarget, "addEventListener">;

/** So near to where it should be is there (seconds). */
const nearSeconds = 0.5;

/**
 * Seeks past the end that an element guesses. For MP3 of changing bit rate without a table of contents, a browser
 * guesses the length from the first frames, seeks no further than that, and guesses better as it reads on: so the seek is
 * repeated, unheard, until it arrives.
 *
 * @param isMuted whether the listener wants no sound
 * @param signal ends it when the element plays something else
 */
export function createSeeker(element: SeekableElement, isMuted: () => boolean, signal: AbortSignal) {
  let target: number | undefined;

  function arrive(): void {
    if (target === undefined) return;
    target = undefined;
    element.muted = isMuted();
  }

  function step(): void {
    if (target === undefined) return;
    const { currentTime, duration } = element;
    if (currentTime >= target - nearSeconds) arrive();
    else if (duration > currentTime + nearSeconds) {
      element.muted = true;
      element.currentTime = Math.min(target, duration);
    }
  }

  for (const type of ["seeked", "durationchange", "timeupdate"])
    element.addEventListener(type, step, { signal });
  // The song is shorter than was thought.
  element.addEventListener("ended", arrive, { signal });
  signal.addEventListener("abort", arrive);

  return {
    /** @param seconds where the element is to arrive, once it was told to seek */
    aim(seconds: number): void {
      target = seconds;
    },
    /** Where it is, or will be when it has arrived (seconds). */
    position: () => target ?? element.currentTime,
  };
}
