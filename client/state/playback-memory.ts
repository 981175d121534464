import type { Song } from "../../core/contract/catalogue.ts";
import { isNotFound } from "../failure.ts";
import type { PlayerState } from "../player-state.ts";
import type { PlaybackController } from "./playback.ts";
import { around, currentSong, type Queue, upcoming } from "./queue.ts";
import type { SavedPlayback, SavedPosition } from "./saved-playback.ts";

/** So many songs of a queue are kept: some 300 KB. */
const kept = { behind: 100, ahead: 400 };
/** Of so many that come next it is made sure that the library still has them. */
const checked = 10;

/**
 * Keeps what a user hears for their next visit with this browser, paused where it was.
 *
 * @param openSavedPlayback what is kept for a user
 * @param song throws `not-found` where the library has it no more
 */
export function createPlaybackMemory(deps: {
  playback: Pick<PlaybackController, "queue" | "player" | "restore" | "drop">;
  openSavedPlayback: (userId: string) => SavedPlayback;
  song: (songId: string) => Promise<Song>;
}) {
  const { playback } = deps;
  let saved: SavedPlayback | undefined;
  let last: SavedPosition | undefined;

  function saveQueue(queue: Queue): void {
    saved?.queue.write(queue.songs.length ? around(queue, kept.behind, kept.ahead) : undefined);
  }

  function savePosition({ song, position }: PlayerState): void {
    if (song?.songId === last?.songId && Math.abs(position - (last?.seconds ?? 0)) < 1) return;
    last = song && { songId: song.songId, seconds: position };
    saved?.position.write(last);
  }

  async function dropWhatIsGone(songIds: readonly string[]): Promise<void> {
    for (const songId of songIds)
      await deps.song(songId).catch((error: unknown) => {
        if (isNotFound(error)) playback.drop(songId);
      });
  }

  playback.queue.subscribe(saveQueue);
  playback.player.subscribe(savePosition);

  return {
    /** @returns when it is known which songs are gone */
    async enter(userId: string): Promise<void> {
      saved = deps.openSavedPlayback(userId);
      const [queue, position] = [saved.queue.read(), saved.position.read()];
      const current = queue && currentSong(queue);
      if (!queue || !current) return;
      playback.restore(queue, position?.songId === current.songId ? position.seconds : 0);
      const next = [current, ...upcoming(queue).slice(0, checked)];
      await dropWhatIsGone(next.map(({ songId }) => songId));
    },
    /** Nothing is kept of whoever leaves. */
    leave(): void {
      saved?.queue.write(undefined);
      saved?.position.write(undefined);
      saved = undefined;
      last = undefined;
    },
  };
}
