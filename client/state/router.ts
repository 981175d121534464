import { type View, viewAt } from "../../core/domain/views.ts";
import { createStore, type Readable } from "./store.ts";

export type Router = {
  readonly route: Readable<View>;
  navigate(path: string): void;
  /** Changes the address without a step in the history: for what is typed. */
  replace(path: string): void;
};

/** Routes over the history API; clicks on links of this site stay in the page. */
export function createRouter(window: Window): Router {
  const here = () => viewAt(window.location.pathname, new URLSearchParams(window.location.search));
  const route = createStore<View>(here());

  function navigate(path: string): void {
    if (path === window.location.pathname + window.location.search) return;
    window.history.pushState(null, "", path);
    route.set(here());
    window.scrollTo(0, 0);
  }

  function replace(path: string): void {
    window.history.replaceState(null, "", path);
    route.set(here());
  }

  window.addEventListener("popstate", () => route.set(here()));
  window.document.addEventListener("click", (event) => {
    const path = linkOf(event, window.location.origin);
    if (path === undefined) return;
    event.preventDefault();
    navigate(path);
  });
  return { route, navigate, replace };
}

/** The path a click leads to within the player, if it is a plain click on such a link. */
function linkOf(event: MouseEvent, origin: string): string | undefined {
  if (event.defaultPrevented || event.button !== 0) return undefined;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = event.composedPath().find((target) => target instanceof HTMLAnchorElement);
  if (!link || link.origin !== origin || link.target || link.hasAttribute("download")) return undefined;
  const path = link.pathname + link.search;
  return link.hash || viewAt(link.pathname).page === "not-found" ? undefined : path;
}
