import type { Song } from "../core/contract/catalogue.ts";
import type { Readable } from "./state/store.ts";

/** What plays, as plain data. `waiting`: it should play, but no sound has come yet. Times in seconds. */
export type PlayerState = {
  readonly song?: Song;
  readonly status: "idle" | "waiting" | "playing" | "paused" | "failed";
  readonly position: number;
  /** As the catalogue says, which has read the whole file; an element may not know, or guess. */
  readonly duration: number;
  readonly bufferedTo: number;
  /** What it waits for before it goes on by itself: a connection, or a server that said when to come back. */
  readonly waitingFor?: "network" | "server";
  readonly error?: unknown;
  /** Names of the devices that play instead of this one, since one of them took its slot. */
  readonly playingOn?: readonly string[];
};

/** Nothing plays, and nothing did. */
export const idle: PlayerState = { status: "idle", position: 0, duration: 0, bufferedTo: 0 };

/** Where this listener's audio of a song is. */
export type AudioSource = {
  /** With a query. */
  readonly url: string;
  readonly contentType: string;
  /** Of what the address answers, in seconds. */
  readonly durationSeconds: number;
  /** Whether that is known; else it is about right, and the element may say better. */
  readonly isDurationKnown: boolean;
};

export type LoadOptions = {
  /** Seconds. */
  readonly at?: number;
  /** Where it is not to play, nothing is asked for until it is. */
  readonly playing?: boolean;
  /**
   * Whether a person wishes to hear it here. `ask`: it takes another device's slot where the server asks for a wish;
   * `take`: it says so at once, since another device is known to play.
   */
  readonly wish?: "none" | "ask" | "take";
};

export type Player = {
  readonly state: Readable<PlayerState>;
  /** Replaces what plays. */
  load(song: Song, source: AudioSource, options?: LoadOptions): void;
  play(): void;
  pause(): void;
  seek(seconds: number): void;
  /** @param volume 0 to 1 */
  setVolume(volume: number, muted: boolean): void;
  /** Stops, and says why; the song stays, to be tried again by `play`. */
  fail(error: unknown): void;
  /** Forgets the song. */
  clear(): void;
  /** Leaves playing to other devices, by name: song and position stay, for whoever plays here again. */
  giveWay(playingOn: readonly string[]): void;
  /** The devices that this one gave way to play no more. */
  slotFreed(): void;
  /** Another device begins: gives way where the server says that it has this one's slot. */
  checkSlot(): Promise<void>;
  /** The network is back. */
  wake(): void;
};
