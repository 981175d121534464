import { expect, it } from "vitest";
import { createSeeker, type SeekableElement } from "../../client/seeker.ts";

/** An element that takes the song for as long as it has read, some 3 s ahead of where it is, and seeks no further. */
function createElement({ guess, length }: { guess: number; length: number }) {
  const events = new EventTarget();
  let [currentTime, duration] = [0, guess];
  const element: SeekableElement & { muted: boolean } = {
    muted: false,
    get currentTime() {
      return currentTime;
    },
    set currentTime(seconds) {
      currentTime = Math.min(seconds, duration);
    },
    get duration() {
      return duration;
    },
    addEventListener: events.addEventListener.bind(events),
  };
  return {
    element,
    tell: (type: string) => events.dispatchEvent(new Event(type)),
    readOn() {
      duration = Math.max(duration, Math.min(currentTime + 3, length));
      events.dispatchEvent(new Event("durationchange"));
    },
  };
}

it("A seek past the guessed end is repeated, unheard, until it arrives", () => {
  const { element, readOn, tell } = createElement({ guess: 9, length: 24 });
  const seeker = createSeeker(element, () => false, new AbortController().signal);
  seeker.aim(20);
  element.currentTime = 20;
  tell("seeked");
  expect(element.currentTime).toBe(9);
  expect(seeker.position()).toBe(20);
  for (let turn = 0; turn < 4; turn += 1) readOn();
  expect(element.muted).toBe(true);
  readOn();
  expect(element).toMatchObject({ currentTime: 20, muted: false });
  readOn();
  expect(seeker.position()).toBe(20);
  element.currentTime = 21;
  expect(seeker.position()).toBe(21);
});

it("A seek that arrives at once is one", () => {
  const { element, tell } = createElement({ guess: 90, length: 90 });
  const seeker = createSeeker(element, () => true, new AbortController().signal);
  seeker.aim(20);
  element.currentTime = 20;
  tell("seeked");
  element.currentTime = 7;
  tell("timeupdate");
  expect(seeker.position()).toBe(7);
});

it.each(["ended", "abort"])("What was not reached is let go: %s", (how) => {
  const { element, readOn, tell } = createElement({ guess: 9, length: 15 });
  const playing = new AbortController();
  const seeker = createSeeker(element, () => false, playing.signal);
  seeker.aim(20);
  element.currentTime = 20;
  readOn();
  expect(element.muted).toBe(true);
  if (how === "abort") playing.abort();
  else tell("ended");
  expect(element.muted).toBe(false);
  expect(seeker.position()).toBe(element.currentTime);
});
