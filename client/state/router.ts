import { createStore, type Readable } from "./store.ts";

export type Route =
  | { readonly page: "library"; readonly q: string }
  | { readonly page: "albums" }
  | { readonly page: "album" | "artist"; readonly id: string }
  | { readonly page: "subscriptions" }
  | { readonly page: "account" }
  | { readonly page: "operations" }
  | { readonly page: "not-found" };

export type Router = {
  readonly route: Readable<Route>;
  navigate(path: string): void;
  /** Changes the address without a step in the history: for what is typed. */
  replace(path: string): void;
};

/** @param url path and query of an address of this site */
export function parseRoute(url: URL): Route {
  const [first = "", id, ...rest] = url.pathname.split("/").filter(Boolean).map(decodeSafely);
  if (rest.length > 0) return { page: "not-found" };
  if (id !== undefined) return detailRoute(first, id);
  if (first === "") return { page: "library", q: url.searchParams.get("q") ?? "" };
  const pages = ["albums", "subscriptions", "account", "operations"] as const;
  const page = pages.find((name) => name === first);
  if (page) return { page };
  return { page: "not-found" };
}

function detailRoute(first: string, id: string): Route {
  if (first === "albums") return { page: "album", id };
  if (first === "artists") return { page: "artist", id };
  return { page: "not-found" };
}

function decodeSafely(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Routes over the history API; clicks on links of this site stay in the page. */
export function createRouter(window: Window): Router {
  const here = () => parseRoute(new URL(window.location.href));
  const route = createStore<Route>(here());

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
  return link.hash || parseRoute(new URL(link.href)).page === "not-found" ? undefined : path;
}
