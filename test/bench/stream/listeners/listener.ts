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

/** One who hears song after song as an audio element does: it takes bytes only while there is room in its buffer. */
export function createListener({ agent, songs, headers }: Listening): Listener {
  const player = createPlayer();
  let song = 0;
  let failures = 0;
  let receivedBytes = 0;
  let startMs = Number.NaN;
  let lineBytes = 0;
  let answer: IncomingMessage | undefined;
  const gone = new AbortController();
  const askedAt = performance.now();
  ask();

  function ask(): void {
    const url = songs[song++ % songs.length] ?? "";
    get(url, { agent, headers: { ...headers, range: "bytes=0-" }, signal: gone.signal }, hear).on(
      "error",
      fail,
    );
  }

  function hear(response: IncomingMessage): void {
    if (response.statusCode === 206) {
      answer = response.on("data", receive).on("end", ask).on("error", fail);
    } else {
      response.resume();
      fail();
    }
  }

  function receive({ length }: Buffer): void {
    if (receivedBytes === 0) startMs = performance.now() - askedAt;
    receivedBytes += length;
    lineBytes -= length;
    player.receive(length);
    if (lineBytes <= 0 || player.isFull) answer?.pause();
  }

  function fail(): void {
    if (!gone.signal.aborted) failures++;
  }

  return {
    tick(elapsedMs) {
      player.play(elapsedMs);
      lineBytes = Math.min(lineBytes, 0) + elapsedMs * lineBytesPerMs;
      if (answer?.isPaused() && lineBytes > 0 && !player.isFull) answer.resume();
    },
    get told() {
      return { ...player.heard, failures, receivedBytes, startMs };
    },
    leave: () => gone.abort(),
  };
}
