import type { App } from "./app.ts";
import { coverOfSize, coverSizes } from "./covers.ts";
import type { PlayerState } from "./player-state.ts";

/** Shows the song on the lock screen and obeys its buttons and the keyboard's (Media Session API). */
export function connectMediaSession(mediaSession: MediaSession, playback: App["playback"]): void {
  const handlers: [MediaSessionAction, MediaSessionActionHandler][] = [
    ["play", playback.resume],
    ["pause", playback.pause],
    ["stop", playback.pause],
    ["nexttrack", playback.next],
    ["previoustrack", playback.previous],
    ["seekto", ({ seekTime }) => seekTime !== undefined && playback.seek(seekTime)],
    ["seekforward", ({ seekOffset }) => playback.seekBy(seekOffset ?? 10)],
    ["seekbackward", ({ seekOffset }) => playback.seekBy(-(seekOffset ?? 10))],
  ];
  for (const [action, handler] of handlers) handle(mediaSession, action, handler);

  let shown: string | undefined;
  playback.player.subscribe((state) => {
    if (state.song?.songId !== shown) {
      shown = state.song?.songId;
      mediaSession.metadata = metadataOf(state);
    }
    mediaSession.playbackState = playbackStateOf(state);
    showPosition(mediaSession, state);
  });
}

/** A browser may not know each action. */
function handle(session: MediaSession, action: MediaSessionAction, handler: MediaSessionActionHandler): void {
  try {
    session.setActionHandler(action, handler);
  } catch {
    // Then there is no such button.
  }
}

function metadataOf({ song }: PlayerState): MediaMetadata | null {
  if (!song) return null;
  const { title, artist, album, coverUrl } = song;
  const artwork = coverSizes.map((pixels) => ({
    src: coverOfSize(coverUrl ?? "", pixels),
    sizes: `${pixels}x${pixels}`,
    type: "image/jpeg",
  }));
  return new MediaMetadata({ title, artist, album, artwork: coverUrl ? artwork : [] });
}

const playbackStateOf = ({ status }: PlayerState): MediaSessionPlaybackState =>
  status === "idle" ? "none" : status === "playing" || status === "waiting" ? "playing" : "paused";

/** Without a length there is no bar. */
function showPosition(session: MediaSession, { duration, position }: PlayerState): void {
  if (duration > 0) session.setPositionState({ duration, position: Math.min(position, duration) });
  else session.setPositionState();
}
