import type { App } from "./app.ts";

/** Keys, as the help dialog lists them. */
export const shortcutList = [
  ["Space", "Play or pause"],
  ["← →", "Back or forward 5 seconds"],
  ["Shift + ← →", "Previous or next song"],
  ["Shift + ↑ ↓", "Louder or quieter"],
  ["M", "Mute"],
  ["/", "Search"],
  ["?", "This list"],
] as const;

const volumeStep = 0.05;
const seekStep = 5;

/**
 * Listens for the player's keys. None is taken from a field, nor arrows from a slider or space from a button that has
 * the focus; they can be switched off, as WCAG 2.1.4 asks of single keys.
 */
export function listenForShortcuts(
  target: Document,
  { playback, shortcuts, session }: Pick<App, "playback" | "shortcuts" | "session">,
  show: { search: () => void; help: () => void },
): void {
  const actions: Record<string, () => void> = {
    " ": playback.toggle,
    ArrowLeft: () => playback.seekBy(-seekStep),
    ArrowRight: () => playback.seekBy(seekStep),
    "shift ArrowLeft": playback.previous,
    "shift ArrowRight": playback.next,
    "shift ArrowUp": () => playback.setVolume(playback.volume.get().level + volumeStep),
    "shift ArrowDown": () => playback.setVolume(playback.volume.get().level - volumeStep),
    m: playback.toggleMute,
    "/": show.search,
    "?": show.help,
  };

  target.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!session.user.get() || !shortcuts.read() || isTaken(event)) return;
    const arrow = event.key.startsWith("Arrow");
    const action = actions[`${event.shiftKey && arrow ? "shift " : ""}${event.key}`];
    if (!action) return;
    event.preventDefault();
    // A key that is held down goes on with what has steps.
    if (!event.repeat || arrow) action();
  });
}

/** Whether the focused element has a use for the key itself. */
function isTaken(event: KeyboardEvent): boolean {
  const [focused] = event.composedPath();
  if (!(focused instanceof HTMLElement)) return false;
  if (focused.closest("dialog")) return true;
  if (focused.matches("input[type=range]")) return event.key.startsWith("Arrow");
  if (focused.matches("input, textarea, select, [contenteditable]")) return true;
  return event.key === " " && focused.matches("button, a, summary");
}
