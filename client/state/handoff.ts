import type { Song } from "../../core/contract/catalogue.ts";
import type { Device, PlaybackIntent, PlaybackState } from "../../core/contract/live.ts";
import type { ClientClock } from "../clock.ts";
import type { PlayerState } from "../player-state.ts";
import { createStore, type Readable } from "./store.ts";

/** What another of the user's devices plays just now. */
export type Elsewhere = {
  readonly songId: string;
  readonly deviceName: string;
  /** Where it was, and when that was true (milliseconds of this page's clock). */
  readonly positionSeconds: number;
  readonly trueAt: number;
};

export type HandoffDeps = {
  readonly clock: ClientClock;
  /** The server's time (milliseconds since 1970), where it is known. */
  readonly serverNow: () => number | undefined;
  readonly deviceId: string;
  readonly player: Readable<PlayerState>;
  readonly devices: Readable<readonly Device[]>;
  /** @returns whether there was a connection to send it by */
  readonly send: (intent: PlaybackIntent) => boolean;
  /** Tells the other tabs of this browser, which are the same device, that this one begins to play. */
  readonly tellTabs: () => void;
  readonly song: (songId: string) => Promise<Song>;
  readonly play: (song: Song, at: number) => void;
  readonly pause: () => void;
  /** Whether the plan lets one device play at a time. */
  readonly playsAlone: () => boolean;
  /** Leaves playing to another device, whatever it plays; song and position stay. */
  readonly giveWay: (deviceName: string) => void;
  /** Finds out whether this device still has a slot, since another one begins. */
  readonly checkSlot: () => void;
  /** The other device plays no more. */
  readonly slotFreed: () => void;
  readonly tell: (text: string) => void;
};

/** Other devices know to within so many milliseconds where this one is. */
const reportEveryMs = 5_000;
/** While a player starts, its position is not to be believed yet (milliseconds). */
const settlesMs = 300;
/** A jump of more seconds than this was a seek, which others are told at once. */
const jumpSeconds = 2;

/**
 * Hand-off: this device tells what it plays, shows what another plays, and takes over where that one is. The state is
 * one a user, written by compare-and-set; what this device is told of it is the truth, also about its own claims.
 */
export function createHandoff(deps: HandoffDeps) {
  const { clock, deviceId } = deps;
  const elsewhere = createStore<Elsewhere | undefined>(undefined);
  let known: PlaybackState | undefined;
  let trueAt = 0;
  /** What this device claimed last and has not been answered. */
  let claim: { readonly version: number; readonly takesOver: boolean; readonly tries: number } | undefined;
  let reported = { what: "", position: 0, at: 0 };
  /** Of all tabs of this device this one was the last to play. */
  let isLatest = false;

  const holds = () => isLatest && known?.deviceId === deviceId;

  function intentOf({ song, status, position }: PlayerState): PlaybackIntent {
    const songId = song?.songId ?? null;
    const version = known?.version ?? 0;
    return { type: "playback", version, songId, positionSeconds: position, paused: !isOn(status) };
  }

  function report(takesOver = false, tries = 0): void {
    const intent = intentOf(deps.player.get());
    if (!deps.send(intent)) return;
    claim = { version: intent.version + 1, takesOver, tries };
    reported = { ...reported, position: intent.positionSeconds, at: clock.now() };
  }

  /** Playing is claimed; pausing and going on are told by who holds the state. */
  function follow(state: PlayerState): void {
    const what = `${state.song?.songId} ${isOn(state.status)}`;
    const changed = what !== reported.what;
    reported = { ...reported, what };
    const starts = changed && isOn(state.status);
    if (starts) begin();
    if (starts || (holds() && (changed || isDue(state)))) report();
  }

  function begin(): void {
    isLatest = true;
    deps.tellTabs();
  }

  function isDue({ status, position }: PlayerState): boolean {
    if (!isOn(status)) return false;
    const passed = clock.now() - reported.at;
    const jumped = Math.abs(position - reported.position - passed / 1000) > jumpSeconds && passed > settlesMs;
    return jumped || (passed >= reportEveryMs && deps.devices.get().length > 1);
  }

  function receive(state: PlaybackState | null): void {
    if (!state || (known && state.version < known.version)) return;
    const before = known;
    const claimed = claim;
    known = state;
    trueAt = clock.now() - ageOf(state);
    if (claimed && state.version >= claimed.version) claim = undefined;
    show();
    if (state.deviceId !== deviceId) yieldTo(state, before, claimed);
  }

  /** How long ago it was true: a page that opens is told what may be minutes old (milliseconds). */
  function ageOf({ at }: PlaybackState): number {
    const now = deps.serverNow();
    return now === undefined ? 0 : Math.max(0, now - Date.parse(at));
  }

  /** Another device has the state: was this one taken over from, or too late, or only behind? */
  function yieldTo(state: PlaybackState, before: PlaybackState | undefined, claimed: typeof claim): void {
    const { song, status } = deps.player.get();
    if (!song || !isOn(status)) return;
    const isSame = state.songId === song.songId && !state.paused;
    const isFromHere = before?.deviceId === deviceId;
    if (claimed?.takesOver) stand(`${state.deviceName} was quicker`);
    // What is buffered would play on for minutes without a byte that the server could refuse.
    else if (isFromHere && !state.paused && deps.playsAlone()) deps.giveWay(state.deviceName);
    else if (isFromHere && isSame) stand(`“${song.title}” goes on on ${state.deviceName}`);
    // What was started here is the newest wish, only said on an older state.
    else if (claimed && claimed.tries < 2) report(false, claimed.tries + 1);
    else if (begins(state, before)) deps.checkSlot();
  }

  function stand(text: string): void {
    deps.pause();
    deps.tell(text);
  }

  function show(): void {
    const isOther = known && known.deviceId !== deviceId && !known.paused && known.songId !== null;
    const playing = isOther ? known : undefined;
    const devices = deps.devices.get();
    const isHere = devices.some((device) => device.deviceId === playing?.deviceId);
    const before = elsewhere.get();
    elsewhere.set(
      playing?.songId && isHere
        ? {
            songId: playing.songId,
            deviceName: playing.deviceName,
            positionSeconds: playing.positionSeconds,
            trueAt,
          }
        : undefined,
    );
    // Without a live connection no device is known to be there, whether it plays or not.
    const isOver = before && !elsewhere.get() && devices.length > 0;
    if (isOver && deps.player.get().playingOn) deps.slotFreed();
  }

  const undo = [deps.player.subscribe(follow), deps.devices.subscribe(show)];

  return {
    elsewhere: elsewhere as Readable<Elsewhere | undefined>,
    receive,

    /** Plays here, at the same song and second, what plays elsewhere. Of two that do so at once, one is told it lost. */
    async takeOver(): Promise<void> {
      const there = elsewhere.get();
      if (!there) return;
      const song = await deps.song(there.songId);
      const at = there.positionSeconds + (clock.now() - there.trueAt) / 1000;
      reported = { what: `${song.songId} true`, position: at, at: clock.now() };
      begin();
      deps.play(song, Math.min(at, song.durationSeconds));
      report(true);
    },

    /** The listener started something in another tab of this browser: it is heard there, and no longer here. */
    playsInOtherTab(): void {
      isLatest = false;
      if (isOn(deps.player.get().status)) deps.pause();
    },

    /** Nobody is signed in any more. */
    forget(): void {
      known = undefined;
      claim = undefined;
      isLatest = false;
      elsewhere.set(undefined);
    },
    close: () => {
      for (const stop of undo) stop();
    },
  };
}

const begins = (state: PlaybackState, before: PlaybackState | undefined): boolean =>
  !state.paused &&
  (before?.deviceId !== state.deviceId || before.songId !== state.songId || before.paused === true);

const isOn = (status: PlayerState["status"]): boolean => status === "playing" || status === "waiting";
