import { type ClientClock, pause } from "./clock.ts";
import { diagnose } from "./diagnosis.ts";
import type { PlayerState } from "./player-state.ts";
import type { Probe } from "./probe.ts";
import type { Store } from "./state/store.ts";

/** How long after a device said that it begins this one's audio is asked for (milliseconds). */
const settlesMs = 500;

/**
 * This device's stream slot, as the server says: whether this device plays, or others instead of it.
 *
 * @param playing what is to be heard now, and the signal that ends it
 * @param silence ends it
 */
export function createStreamSlot(deps: {
  state: Store<PlayerState>;
  probe: Probe;
  clock: ClientClock;
  playing: () => { readonly url: string; readonly signal: AbortSignal } | undefined;
  silence: () => void;
}) {
  const { state } = deps;

  /** Song and position stay, for whoever plays here again. */
  function giveWay(playingOn: readonly string[]): void {
    if (!state.get().song) return;
    deps.silence();
    state.update((last) => ({ ...last, status: "paused", playingOn }));
  }

  const isWhole = ({ bufferedTo, duration }: PlayerState) => bufferedTo > duration - 1;

  return {
    giveWay,
    slotFreed(): void {
      const { playingOn: _, ...rest } = state.get();
      state.set(rest);
    },
    /** Asks for nothing where the song has come whole: it needs no slot any more, and asking would take one. */
    async checkSlot(): Promise<void> {
      const now = deps.playing();
      if (!now) return;
      await pause(deps.clock, settlesMs, now.signal);
      if (!deps.playing() || now.signal.aborted || isWhole(state.get())) return;
      const diagnosis = diagnose(await deps.probe(now.url), 0, 0);
      if (!deps.playing() || now.signal.aborted) return;
      if (diagnosis.kind === "displaced") giveWay(diagnosis.playingOn);
    },
  };
}
