import { type ApiFailure, isSignedOut } from "./failure.ts";
import { createPlayer } from "./player.ts";
import { createPlayback } from "./state/playback.ts";
import { createPlaybackMemory } from "./state/playback-memory.ts";

type PlayerDeps = Omit<Parameters<typeof createPlayer>[0], "ended" | "unplayable">;
type PlaybackDeps = Omit<Parameters<typeof createPlayback>[0], "player">;
type MemoryDeps = Omit<Parameters<typeof createPlaybackMemory>[0], "playback">;

/**
 * The player, the queue that it plays, and what is kept of both between visits.
 *
 * @param signedOut told when audio is refused because the session is over
 */
export function createPlaying(deps: PlayerDeps & PlaybackDeps & MemoryDeps & { signedOut: () => void }) {
  const player = createPlayer({
    ...deps,
    ended: () => playback.songEnded(),
    unplayable: (error: ApiFailure) => {
      if (isSignedOut(error)) deps.signedOut();
      else playback.songFailed(error);
    },
  });
  const playback = createPlayback({ ...deps, player });
  return { player, playback, memory: createPlaybackMemory({ ...deps, playback }) };
}
