import { type Agent, get, type IncomingMessage } from "node:http";
import { createPlayer, type Heard } from "./player.ts";

export type Listening = {
  readonly agent: Agent;
  /** Played one after the other, from the first again after the last. */
  readonly songs: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
};

export type Listener = {
  /** What is due since the last time is played. */
  tick(elapsedMs: number): void;
  readonly told: Told;
  leave(): void;
};

export type Told = Heard & {
  /** Refusals, and answers that broke off. */
  readonly failures: number;
  readonly receivedBytes: number;
  /** From asking to the first byte; of the first song. */
  readonly startMs: number;
};

/**
 * What a listener's line carries. Were it as fast as the loopback, the system's buffers would grow until they held whole
 * songs, and the server's work would be over before the music is.
 */
const lineBytesPerMs = 500;

/** What is cut or refused is asked for again after this long, from where it broke. */
const retryMs = 1_000;

/** One who hears song after song as an audio element does: it takes bytes only while there is room in its buffer. */
export function createListener({ agent, songs, headers }: Listening): Listener {
  const player = createPlayer();
  let song = 0;
  let position = 0;
  let retryInMs = Number.POSITIVE_INFINITY;
  let failures = 0;
  let receivedBytes = 0;
  let startMs = Number.NaN;
  let lineBytes = 0;
  let answer: IncomingMessage | undefined;
  const gone = new AbortController();
  const askedAt = performance.now();
  ask();

  function ask(): void {
    retryInMs = Number.POSITIVE_INFINITY;
    const url = songs[song % songs.length] ?? "";
    const all = { ...headers, range: `bytes=${position}-` };
    get(url, { agent, headers: all, signal: gone.signal }, hear).on("error", fail);
  }

  function hear(response: IncomingMessage): void {
    if (response.statusCode === 206) {
      answer = response.on("data", receive).on("end", next).on("error", fail);
    } else {
      response.resume();
      fail();
    }
  }

  function receive({ length }: Buffer): void {
    if (receivedBytes === 0) startMs = performance.now() - askedAt;
    receivedBytes += length;
    position += length;
    lineBytes -= length;
    player.receive(length);
    if (lineBytes <= 0 || player.isFull) answer?.pause();
  }

  function next(): void {
    song++;
    position = 0;
    ask();
  }

  function fail(): void {
    if (gone.signal.aborted) return;
    failures++;
    answer = undefined;
    retryInMs = retryMs;
  }

  return {
    tick(elapsedMs) {
      player.play(elapsedMs);
      lineBytes = Math.min(lineBytes, 0) + elapsedMs * lineBytesPerMs;
      if (answer?.isPaused() && lineBytes > 0 && !player.isFull) answer.resume();
      retryInMs -= elapsedMs;
      if (retryInMs <= 0) ask();
    },
    get told() {
      return { ...player.heard, failures, receivedBytes, startMs };
    },
    leave: () => gone.abort(),
  };
}
