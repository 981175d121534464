/** What the player shows at an address of its own. */
export type View =
  | { readonly page: "library"; readonly q: string }
  | { readonly page: "albums" | "subscriptions" | "account" | "operations" | "sign-in" | "register" }
  | { readonly page: "album" | "artist" | "song"; readonly id: string }
  | { readonly page: "not-found" };

const pages = ["albums", "subscriptions", "account", "operations", "sign-in", "register"] as const;
const details = { albums: "album", artists: "artist", songs: "song" } as const;

/** The paths of all views, in the syntax of Fastify's routes. */
export const viewPaths: readonly string[] = [
  "/",
  ...pages.map((page) => `/${page}`),
  ...Object.keys(details).map((name) => `/${name}/:id`),
];

/** What else people call a page, by its first segment: `""` is the library. `docs` is the server's own. */
const otherPages: Readonly<Record<string, string>> = {
  "index.html": "",
  home: "",
  library: "",
  search: "",
  songs: "",
  login: "sign-in",
  signin: "sign-in",
  signup: "register",
  "sign-up": "register",
  album: "albums",
  settings: "account",
  ops: "operations",
  docs: "docs",
};
const otherDetails: Readonly<Record<string, string>> = { album: "albums", artist: "artists", song: "songs" };

/**
 * The view at exactly this path.
 * @param path of a URL, percent-encoded, without its query
 */
export function viewAt(path: string, query = new URLSearchParams()): View {
  const [empty, first = "", id, ...rest] = path.split("/");
  if (empty !== "" || rest.length > 0) return { page: "not-found" };
  if (id !== undefined) return detailAt(first, id);
  if (first === "") return { page: "library", q: query.get("q") ?? "" };
  return { page: pages.find((name) => name === first) ?? "not-found" };
}

const detailAt = (name: string, id: string): View =>
  Object.hasOwn(details, name) && id !== ""
    ? { page: details[name as keyof typeof details], id: decode(id) }
    : { page: "not-found" };

/**
 * The path that a mistyped one means: in another case, with slashes too many, by another name of the page. Ids stay as
 * they are: their case counts.
 * @param path of a URL, percent-encoded, without its query
 * @returns undefined where it means none
 */
export function tidyPath(path: string): string | undefined {
  const [first = "", id, ...rest] = path.split("/").filter(Boolean);
  if (rest.length > 0) return undefined;
  const name = decode(first).trim().toLowerCase();
  if (id === undefined) return tidyPage(name);
  const detail = Object.hasOwn(otherDetails, name) ? otherDetails[name] : name;
  return detail && Object.hasOwn(details, detail) ? `/${detail}/${id}` : undefined;
}

function tidyPage(name: string): string | undefined {
  if (Object.hasOwn(otherPages, name)) return `/${otherPages[name]}`;
  return viewPaths.includes(`/${name}`) ? `/${name}` : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
