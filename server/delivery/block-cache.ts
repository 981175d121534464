import { LRUCache } from "lru-cache";
import type { ObjectReader } from "../../core/domain/shared/object-store.ts";
import { type Block, createBlock, fail } from "./block.ts";
import { fill, type RetryPolicy, retryPolicy } from "./fill.ts";

/** One version of an object, and its size (bytes). */
export type ObjectVersion = { readonly key: string; readonly etag: string; readonly sizeBytes: number };

/** `finished`: what is still on its way may be of use soon. `left`: nobody waits for it, unless others do. */
export type ReleaseReason = "finished" | "left";

/** Counts one reader of a block until `release`. */
export type BlockReference = { readonly block: Block; release(reason: ReleaseReason): void };

export type BlockCache = {
  readonly blockBytes: number;
  /**
   * Block `index` of a version; a fetch begins where the block is neither here nor on its way. Concurrent readers share one
   * fetch; the last of them to leave ends it.
   */
  acquire(version: ObjectVersion, index: number): BlockReference;
  /** The block where all of it is here; nothing is fetched, and there is nothing to release. */
  peek(version: ObjectVersion, index: number): Block | undefined;
  stats(): { readonly cachedBytes: number; readonly fetching: number };
};

export type BlockCacheOptions = {
  readonly source: ObjectReader;
  /** Most bytes kept; a block in use lives on beside them until its last reader releases it. */
  readonly maxBytes: number;
  readonly blockBytes?: number;
  readonly policy?: RetryPolicy;
};

type Fetch = { readers: number; wanted: boolean; readonly abort: AbortController };

/** 256 KiB: see docs/performance.md for how it was chosen. */
export const blockBytes = 256 * 1024;

export function createBlockCache(options: BlockCacheOptions): BlockCache {
  const { source, maxBytes, policy = retryPolicy } = options;
  const size = options.blockBytes ?? blockBytes;
  const complete = new LRUCache<string, BlockReference>({
    maxSize: maxBytes,
    sizeCalculation: ({ block }) => block.bytes.length,
  });
  const fetching = new Map<string, { readonly block: Block; readonly fetch: Fetch }>();

  function startFetch(version: ObjectVersion, index: number, name: string) {
    const start = index * size;
    const block = createBlock(Math.min(size, version.sizeBytes - start));
    const fetch: Fetch = { readers: 0, wanted: false, abort: new AbortController() };
    fetching.set(name, { block, fetch });
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

  /** Forgets the fetch first, so that a reader that is woken and asks again gets a new one. */
  function giveUp(name: string, block: Block, fetch: Fetch, reason: unknown): void {
    forget(name, fetch);
    fail(block, reason);
  }

  /** A fetch that was given up may already have a successor under its name. */
  function forget(name: string, fetch: Fetch): void {
    if (fetching.get(name)?.fetch === fetch) fetching.delete(name);
  }

  return {
    blockBytes: size,
    peek: (version, index) => complete.get(nameOf(version, index))?.block,
    acquire(version, index) {
      const name = nameOf(version, index);
      const found = complete.get(name);
      if (found) return found;
      const { block, fetch } = fetching.get(name) ?? startFetch(version, index, name);
      fetch.readers += 1;
      return { block, release: once((reason) => leave(fetch, reason, () => forget(name, fetch))) };
    },
    stats: () => ({ cachedBytes: complete.calculatedSize, fetching: fetching.size }),
  };
}

const nameOf = ({ etag, key }: ObjectVersion, index: number): string => `${etag}${key}#${index}`;

const nothingToRelease = (): void => {};

function leave(fetch: Fetch, reason: ReleaseReason, forget: () => void): void {
  fetch.readers -= 1;
  if (reason === "finished") fetch.wanted = true;
  if (fetch.readers > 0 || fetch.wanted) return;
  // The fetch is forgotten first: the next reader must not get a block that will never be full.
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
