/** A piece of one version of an object that grows as its bytes arrive; its readers need not wait for all of it. */
export type Block = {
  /** As long as the whole block; the first `filled` bytes are there and never change. */
  readonly bytes: Buffer;
  filled: number;
  /** Why no more will come. */
  failure?: unknown;
  waiting: (() => void)[];
};

/** Allocates memory of its own, not a slice of Node's pool, so that dropping the block frees it. */
export const createBlock = (length: number): Block => ({
  bytes: Buffer.allocUnsafeSlow(length),
  filled: 0,
  waiting: [],
});

export const isComplete = (block: Block): boolean => block.filled === block.bytes.length;

/** Appends bytes and wakes the readers. @throws RangeError when more bytes come than belong here */
export function appendChunk(block: Block, chunk: Uint8Array): void {
  block.bytes.set(chunk, block.filled);
  block.filled += chunk.length;
  wake(block);
}

export function fail(block: Block, reason: unknown): void {
  block.failure = reason;
  wake(block);
}

/** Resolves when the block has grown or failed since. */
export const grown = (block: Block): Promise<void> =>
  new Promise((resolve) => {
    block.waiting.push(resolve);
  });

function wake(block: Block): void {
  const { waiting } = block;
  block.waiting = [];
  for (const resume of waiting) resume();
}
