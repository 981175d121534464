import type { SearchIndexWriter, SearchSnapshot, SongSearch } from "../domain/catalogue/ports.ts";
import type { SearchIndex } from "../domain/catalogue/search.ts";
import {
  IndexLostError,
  loadIndex,
  type Pointer,
  publishIndex,
  readIndexPointer,
  type SearchIndexDeps,
} from "./search-index-object.ts";
import { indexOfAllSongs, rebuildIndex } from "./search-index-rebuild.ts";

/** How old a reader's knowledge of the version may be, in milliseconds. */
const freshForMs = 1_000;
const tries = 20;

/**
 * Loads the newest index from S3 once a version, and asks for the version at most once a second. One that is lost is made
 * from the songs again, by one reader.
 */
export function createSongSearch(deps: SearchIndexDeps): SongSearch {
  let loaded: SearchSnapshot | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<SearchSnapshot> | undefined;

  async function refresh(): Promise<SearchSnapshot> {
    const pointer = await readIndexPointer(deps);
    if (!loaded || loaded.version !== pointer.version) loaded = await loadNewest(deps, pointer);
    checkedAt = deps.clock.now().getTime();
    return loaded;
  }

  return {
    async snapshot() {
      const ageMs = deps.clock.now().getTime() - checkedAt;
      // Below zero the clock has been put back since.
      if (loaded && ageMs >= 0 && ageMs < freshForMs) return loaded;
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
  };
}

/**
 * Applies changes to the newest version and publishes the next, so that of two writers one starts again and no change is
 * lost. A version that is lost is made from the songs again.
 */
export function createSearchIndexWriter(deps: SearchIndexDeps): SearchIndexWriter {
  return {
    async apply({ put, remove }) {
      for (let attempt = 0; attempt < tries; attempt++) {
        const pointer = await readIndexPointer(deps);
        const index = await loadOrRebuild(deps, pointer);
        if (!index) continue;
        for (const song of put) index.put(song);
        for (const songId of remove) index.remove(songId);
        if (await publishIndex(deps, pointer, index)) return;
      }
      throw new Error(`The search index changed ${tries} times while this change was applied`);
    },
  };
}

/** While versions follow each other fast, the object just named may be gone already: then ask again. */
async function loadNewest(deps: SearchIndexDeps, pointer: Pointer, attempt = 1): Promise<SearchSnapshot> {
  try {
    return snapshotOf(pointer, await loadIndex(deps, pointer));
  } catch (error) {
    if (!(error instanceof IndexLostError)) throw error;
    const newest = await readIndexPointer(deps);
    if (newest.version !== pointer.version && attempt < tries) return loadNewest(deps, newest, attempt + 1);
    const rebuilt = await rebuildIndex(deps, newest);
    return snapshotOf(rebuilt.pointer, rebuilt.index);
  }
}

const snapshotOf = ({ version }: Pointer, { search }: SearchIndex): SearchSnapshot => ({ version, search });

/** Without a claim: the stream waits for its one writer anyway. @returns undefined where another version is there by now */
async function loadOrRebuild(deps: SearchIndexDeps, pointer: Pointer): Promise<SearchIndex | undefined> {
  try {
    return await loadIndex(deps, pointer);
  } catch (error) {
    if (!(error instanceof IndexLostError)) throw error;
    const { version } = await readIndexPointer(deps);
    return version === pointer.version ? indexOfAllSongs(deps) : undefined;
  }
}
