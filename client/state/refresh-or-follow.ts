import type { Song } from "../../core/contract/catalogue.ts";
import type { Api } from "../api.ts";
import type { Loader } from "./loader.ts";
import type { Router } from "./router.ts";

/**
 * Fetches an album or artist anew. They are known by their names, so that one that was renamed has another id: where the
 * songs went that a page showed, the page goes too, unless the listener has gone elsewhere meanwhile.
 *
 * @param pathOf the page of the album or artist that a song has now; `before` is what the page showed
 */
export async function refreshOrFollow<T extends { songs: readonly Song[] }, A>(
  { api, router }: { api: Pick<Api, "song">; router: Pick<Router, "route" | "replace"> },
  loader: Loader<T, A>,
  pathOf: (song: Song, before: T) => string,
): Promise<void> {
  const [before, route] = [loader.state.get(), router.route.get()];
  await loader.refresh();
  const [first] = before.kind === "ready" && loader.state.get().kind === "failed" ? before.value.songs : [];
  const now = first && (await api.song(first.songId).catch(() => undefined));
  if (now && before.kind === "ready" && router.route.get() === route)
    router.replace(pathOf(now, before.value));
}
