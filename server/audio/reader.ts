import type { ByteRange } from "../../core/domain/streaming/ranges.ts";
import { type Block, grown } from "./block.ts";
import type { BlockCache, Lease, ObjectVersion, Parting } from "./block-cache.ts";

/** A place in one version of an object, moving to the end of a range. */
export type Cursor = {
  readonly done: boolean;
  /**
   * Undefined when bytes are in memory; else resolves when that may have changed.
   * @throws (rejects) DomainError `not-found`, `precondition-failed` (another version by now) or `unavailable`
   */
  wait(): Promise<void> | undefined;
  /** The bytes that are there, at most a block of them; empty where `wait` says to wait. */
  take(): Buffer;
  /** Lets go of everything; a second time it does nothing. */
  close(parting: Parting): void;
};

export type AudioReader = {
  open(version: ObjectVersion, range: ByteRange): Cursor;
  /** All bytes of a range in order, where they are in memory; nothing is fetched. */
  atHand(version: ObjectVersion, range: ByteRange): readonly Buffer[] | undefined;
};

export const createAudioReader = (cache: BlockCache): AudioReader => ({
  open: (version, range) => openCursor(cache, version, range),
  atHand: (version, range) => piecesOf(cache, version, range),
});

function piecesOf(
  cache: BlockCache,
  version: ObjectVersion,
  { start, end }: ByteRange,
): readonly Buffer[] | undefined {
  const size = cache.blockBytes;
  const pieces: Buffer[] = [];
  for (let index = Math.floor(start / size); index * size <= end; index += 1) {
    const block = cache.atHand(version, index);
    if (!block) return undefined;
    const first = index * size;
    pieces.push(block.bytes.subarray(Math.max(start - first, 0), Math.min(end + 1 - first, size)));
  }
  return pieces;
}

function openCursor(cache: BlockCache, version: ObjectVersion, { start, end }: ByteRange): Cursor {
  let at = start;
  let closed = false;
  let current: Lease | undefined;
  let stopWaiting = () => {};
  // The release alone: once it is in the cache, the block ahead is the cache's to keep or drop.
  let releaseAhead: Lease["release"] | undefined;
  const indexOf = (position: number) => Math.floor(position / cache.blockBytes);

  function here(): Lease {
    if (current) return current;
    current = cache.lease(version, indexOf(at));
    // Let go of only now, so that the fetch that was begun ahead is never without a reader in between.
    releaseAhead?.("left");
    releaseAhead = undefined;
    return current;
  }

  /** While this block goes out, the next comes in. */
  function readAhead(): void {
    const next = indexOf(at) + 1;
    if (next <= indexOf(end)) releaseAhead ??= cache.lease(version, next).release;
  }

  function advance(count: number, blockEnd: number): void {
    at += count;
    if (at > end || at === blockEnd) leaveBlock();
  }

  function leaveBlock(): void {
    current?.release("finished");
    current = undefined;
  }

  /** Where the bytes at hand begin and end in the current block. */
  function atHand(block: Block): { from: number; to: number; blockStart: number } {
    const blockStart = indexOf(at) * cache.blockBytes;
    return { from: at - blockStart, to: Math.min(block.filled, end + 1 - blockStart), blockStart };
  }

  /** Others may go on waiting for the block when this reader leaves, so it stops waiting by itself. */
  const untilGrown = (block: Block): Promise<void> =>
    new Promise((resolve, reject) => {
      stopWaiting = resolve;
      growth(block).then(resolve, reject);
    });

  return {
    get done() {
      return at > end;
    },
    wait() {
      if (closed || at > end) return undefined;
      const { block } = here();
      const { from, to } = atHand(block);
      return from < to ? undefined : untilGrown(block);
    },
    take() {
      if (closed || at > end) return nothing;
      const { block } = here();
      const { from, to, blockStart } = atHand(block);
      if (from >= to) return nothing;
      readAhead();
      advance(to - from, blockStart + block.bytes.length);
      return block.bytes.subarray(from, to);
    },
    close(parting) {
      closed = true;
      stopWaiting();
      current?.release(parting);
      releaseAhead?.(parting);
      current = undefined;
      releaseAhead = undefined;
    },
  };
}

const nothing = Buffer.alloc(0);

async function growth(block: Block): Promise<void> {
  if (block.failure === undefined) await grown(block);
  if (block.failure !== undefined) throw block.failure;
}
