import type { ByteRange } from "../../core/domain/delivery/ranges.ts";
import { type Block, grown } from "./block.ts";
import type { BlockCache, BlockReference, ObjectVersion, ReleaseReason } from "./block-cache.ts";

/** Reads a range of one version of an object, in order. */
export type RangeReader = {
  readonly done: boolean;
  /**
   * Undefined when bytes are in memory; else resolves when that may have changed.
   * @throws (rejects) DomainError `not-found`, `precondition-failed` (another version by now) or `unavailable`
   */
  whenReadable(): Promise<void> | undefined;
  /** The next bytes that are in memory, at most a block of them; empty while `whenReadable` is pending. */
  read(): Buffer;
  /** Releases everything; a second call does nothing. */
  close(reason: ReleaseReason): void;
};

export type AudioReader = {
  open(version: ObjectVersion, range: ByteRange): RangeReader;
  /** All bytes of a range in order, where they are in memory; nothing is fetched. */
  peek(version: ObjectVersion, range: ByteRange): readonly Buffer[] | undefined;
};

export const createAudioReader = (cache: BlockCache): AudioReader => ({
  open: (version, range) => openRange(cache, version, range),
  peek: (version, range) => peekRange(cache, version, range),
});

function peekRange(
  cache: BlockCache,
  version: ObjectVersion,
  { start, end }: ByteRange,
): readonly Buffer[] | undefined {
  const size = cache.blockBytes;
  const pieces: Buffer[] = [];
  for (let index = Math.floor(start / size); index * size <= end; index += 1) {
    const block = cache.peek(version, index);
    if (!block) return undefined;
    const first = index * size;
    pieces.push(block.bytes.subarray(Math.max(start - first, 0), Math.min(end + 1 - first, size)));
  }
  return pieces;
}

function openRange(cache: BlockCache, version: ObjectVersion, { start, end }: ByteRange): RangeReader {
  let at = start;
  let closed = false;
  let current: BlockReference | undefined;
  let stopWaiting = () => {};
  // The release alone: once it is in the cache, the block ahead is the cache's to keep or drop.
  let releaseAhead: BlockReference["release"] | undefined;
  const indexOf = (position: number) => Math.floor(position / cache.blockBytes);

  function currentBlock(): BlockReference {
    if (current) return current;
    current = cache.acquire(version, indexOf(at));
    // Released only now, so that the fetch that was begun ahead is never without a reader in between.
    releaseAhead?.("left");
    releaseAhead = undefined;
    return current;
  }

  /** While this block goes out, the next comes in. */
  function readAhead(): void {
    const next = indexOf(at) + 1;
    if (next <= indexOf(end)) releaseAhead ??= cache.acquire(version, next).release;
  }

  function advance(count: number, blockEnd: number): void {
    at += count;
    if (at > end || at === blockEnd) leaveBlock();
  }

  function leaveBlock(): void {
    current?.release("finished");
    current = undefined;
  }

  /** Where the bytes that are in memory begin and end in the current block. */
  function filledPart(block: Block): { from: number; to: number; blockStart: number } {
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
    whenReadable() {
      if (closed || at > end) return undefined;
      const { block } = currentBlock();
      const { from, to } = filledPart(block);
      return from < to ? undefined : untilGrown(block);
    },
    read() {
      if (closed || at > end) return nothing;
      const { block } = currentBlock();
      const { from, to, blockStart } = filledPart(block);
      if (from >= to) return nothing;
      readAhead();
      advance(to - from, blockStart + block.bytes.length);
      return block.bytes.subarray(from, to);
    },
    close(reason) {
      closed = true;
      stopWaiting();
      current?.release(reason);
      releaseAhead?.(reason);
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
