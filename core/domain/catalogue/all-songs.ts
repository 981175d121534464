import type { Song } from "../../contract/catalogue.ts";
import type { SearchSnapshot } from "./ports.ts";

/**
 * What follows from all songs of a snapshot, made once for each: it takes two microseconds a song, and every player that
 * shows a list asks for it again whenever the catalogue changes.
 */
export function ofAllSongs<T extends object>(
  make: (songs: readonly Song[]) => T,
): (snapshot: SearchSnapshot) => T {
  const made = new WeakMap<SearchSnapshot, T>();
  return (snapshot) => {
    const known = made.get(snapshot);
    if (known) return known;
    const value = make(snapshot.search(""));
    made.set(snapshot, value);
    return value;
  };
}
