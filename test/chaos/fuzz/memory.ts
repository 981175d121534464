/** How much more may be in use after a run than after its warm-up, in bytes: nothing may grow with the frames. */
export const allowedGrowthBytes = 32 * 1024 * 1024;

/** What is in use once the garbage is gone: the heap, and buffers beside it; nothing without `--expose-gc`. */
export async function settledBytes(): Promise<number | undefined> {
  const { gc } = globalThis;
  if (!gc) return undefined;
  // Finalizers free buffers only after the collection that found them.
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
