import { LRUCache } from "lru-cache";
import type { ObjectReader } from "../../core/domain/streaming/ports.ts";
import { type Block, createBlock, fail } from "./block.ts";
import { type FillPolicy, fill, patience } from "./fill.ts";

/** One version of an object, and how long it is. */
export type ObjectVersion = { readonly key: string; readonly etag: string; readonly sizeBytes: number };

/** Finished: what is still on its way may be of use soon. Left: nobody waits for it, unless others do. */
export type Parting = "finished" | "left";

export type Lease = { readonly block: Block; release(parting: Parting): void };

export type BlockCache = {
  readonly blockBytes: number;
  /**
   * Block `index` of a version, which begins to be fetched where it is neither here nor on its way. Concurrent
   * readers share one fetch; the last of them to leave ends it.
   */
  lease(version: ObjectVersion, index: number): Lease;
  /** The block where all of it is here; nothing is fetched, and there is nothing to release. */
  atHand(version: ObjectVersion, index: number): Block | undefined;
  stats(): { readonly cachedBytes: number; readonly fetching: number };
};

export type BlockCacheOptions = {
  readonly source: ObjectReader;
  /** Most bytes kept; a block in use lives on beside them until its last reader lets go. */
  readonly maxBytes: number;
  readonly blockBytes?: number;
  readonly policy?: FillPolicy;
};

type Fetch = { readers: number; wanted: boolean; readonly abort: AbortController };

/** 256 KiB: see docs/performance.md for how it was chosen. */
export const blockBytes = 256 * 1024;

export function createBlockCache(options: BlockCacheOptions): BlockCache {
  const { source, maxBytes, policy = patience } = options;
  const size = options.blockBytes ?? blockBytes;
  const complete = new LRUCache<string, Lease>({
    maxSize: maxBytes,
    sizeCalculation: ({ block }) => block.bytes.length,
  });
  const underway = new Map<string, { readonly block: Block; readonly fetch: Fetch }>();

  function begin(version: ObjectVersion, index: number, name: string) {
    const start = index * size;
    const block = createBlock(Math.min(size, version.sizeBytes - start));
    const fetch: Fetch = { readers: 0, wanted: false, abort: new AbortController() };
    underway.set(name, { block, fetch });
    fill(block, { ...version, start }, source, policy, fetch.abort.signal).then(
      () => keep(name, block, fetch),
      (error: unknown) => giveUp(name, block, fetch, error),
    );
    return { block, fetch };
  }

  function keep(name: string, block: Block, fetch: Fetch): void {
    complete.set(name, { block, release: nothingToRelease });
    forget(name, fetch);
  }

  /** Forgotten first, so that whoever is woken and asks again gets a new try. */
  function giveUp(name: string, block: Block, fetch: Fetch, reason: unknown): void {
    forget(name, fetch);
    fail(block, reason);
  }

  /** A fetch that was given up may already have a successor under its name. */
  function forget(name: string, fetch: Fetch): void {
    if (underway.get(name)?.fetch === fetch) underway.delete(name);
  }

  return {
    blockBytes: size,
    atHand: (version, index) => complete.get(nameOf(version, index))?.block,
    lease(version, index) {
      const name = nameOf(version, index);
      const found = complete.get(name);
      if (found) return found;
      const { block, fetch } = underway.get(name) ?? begin(version, index, name);
      fetch.readers += 1;
      return { block, release: once((parting) => part(fetch, parting, () => forget(name, fetch))) };
    },
    stats: () => ({ cachedBytes: complete.calculatedSize, fetching: underway.size }),
  };
}

const nameOf = ({ etag, key }: ObjectVersion, index: number): string => `${etag}${key}#${index}`;

const nothingToRelease = (): void => {};

function part(fetch: Fetch, parting: Parting, forget: () => void): void {
  fetch.readers -= 1;
  if (parting === "finished") fetch.wanted = true;
  if (fetch.readers > 0 || fetch.wanted) return;
  // Forgotten first: whoever asks next must not be given a block that will never be full.
  forget();
  fetch.abort.abort();
}

function once<T>(act: (value: T) => void): (value: T) => void {
  let done = false;
  return (value) => {
    if (done) return;
    done = true;
    act(value);
  };
}
