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

export type AudioReader = { open(version: ObjectVersion, range: ByteRange): Cursor };

export const createAudioReader = (cache: BlockCache): AudioReader => ({
  open: (version, range) => openCursor(cache, version, range),
});

function openCursor(cache: BlockCache, version: ObjectVersion, { start, end }: ByteRange): Cursor {
  let at = start;
  let closed = false;
  let current: Lease | undefined;
  let ahead: Lease | undefined;
  const indexOf = (position: number) => Math.floor(position / cache.blockBytes);

  function here(): Lease {
    if (current) return current;
    current = cache.lease(version, indexOf(at));
    // Let go of only now, so that the fetch that was begun ahead is never without a reader in between.
    ahead?.release("left");
    ahead = undefined;
    return current;
  }

  /** While this block goes out, the next comes in. */
  function readAhead(): void {
    const next = indexOf(at) + 1;
    if (next <= indexOf(end)) ahead ??= cache.lease(version, next);
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

  return {
    get done() {
      return at > end;
    },
    wait() {
      if (closed || at > end) return undefined;
      const { block } = here();
      const { from, to } = atHand(block);
      return from < to ? undefined : growth(block);
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
      current?.release(parting);
      ahead?.release(parting);
      current = undefined;
      ahead = undefined;
    },
  };
}

const nothing = Buffer.alloc(0);

async function growth(block: Block): Promise<void> {
  if (block.failure === undefined) await grown(block);
  if (block.failure !== undefined) throw block.failure;
}
