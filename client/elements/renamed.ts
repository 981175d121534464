import type { Song } from "../../core/contract/catalogue.ts";
import type { App } from "../app.ts";

/**
 * Albums and artists are known by their names: one that was renamed has another id. Where the songs went that a page
 * showed, the page goes too.
 *
 * @param songs what the page showed before its album or artist was gone
 * @param pathOf the page of the album or artist that a song has now
 */
export async function followRenamed(
  app: App,
  songs: readonly Song[],
  pathOf: (song: Song) => string,
): Promise<void> {
  const [first] = songs;
  const now = first && (await app.api.song(first.songId).catch(() => undefined));
  if (now) app.router.replace(pathOf(now));
}
