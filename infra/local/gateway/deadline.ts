export const late = Symbol("late");

/** What the work comes to, or `late`: it runs on, but nobody waits for it any more. */
export async function beforeDeadline<T>(work: Promise<T>, withinMs: number): Promise<T | typeof late> {
  const { promise: deadline, resolve } = Promise.withResolvers<typeof late>();
  const timer = setTimeout(resolve, withinMs, late);
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
