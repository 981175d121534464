/**
 * The outcome of some work, unless it takes longer than `seconds` (then it rejects with the message) or the signal ends
 * the waiting first (then with its reason). The work itself goes on, and its outcome goes unheard.
 */
export async function within<T>(
  seconds: number,
  work: Promise<T>,
  message: string,
  signal?: AbortSignal,
): Promise<T> {
  const { promise: given, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(message)), seconds * 1000);
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    return await Promise.race([work, given]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
