import type { PlaybackIntent, PlaybackState } from "../../../contract/live.ts";
import type { Clock } from "../../ports.ts";
import type { DeviceLabel, LiveConnection, PlaybackStore } from "./ports.ts";

export type PlaybackDeps = {
  readonly clock: Clock;
  readonly playback: Pick<PlaybackStore, "take"> & {
    get(userId: string): Promise<PlaybackState | undefined>;
  };
};

/**
 * Reports or takes over what the user plays. Of two writers of one version one wins; the other gets the state that is
 * stored, and so learns that it lost. The winner's intent, sent again, loses to its own state.
 */
export async function takePlayback(
  { clock, playback }: PlaybackDeps,
  { userId, connectionId }: LiveConnection,
  device: DeviceLabel,
  { version, songId, positionSeconds, paused }: PlaybackIntent,
): Promise<PlaybackState | null> {
  const state: PlaybackState = {
    version: version + 1,
    deviceId: device.id,
    deviceName: device.name,
    songId,
    // To the millisecond: tables hold no numbers as small as JSON does.
    positionSeconds: Math.round(positionSeconds * 1000) / 1000,
    paused,
    at: clock.now().toISOString(),
  };
  const won = await playback.take(userId, { state, connectionId });
  return won ? state : ((await playback.get(userId)) ?? null);
}
