export type CoverQueue = {
  /**
   * Asks to load one picture.
   * @param start called when it may, at once or later
   * @returns to be called when it has come, failed or is wanted no more; calling it again does nothing
   */
  request(start: () => void): () => void;
  /** Whether none may begin: what has begun goes on. */
  hold(isHeld: boolean): void;
};

/**
 * Lets few pictures load at a time, in the order in which they were asked for. A browser opens six connections to a host
 * (HTTP/1.1): what covers leave free is there for audio and answers at once.
 */
export function createCoverQueue(limit: number): CoverQueue {
  const waiting = new Set<() => void>();
  const loading = new Set<() => void>();
  let held = false;

  function startNext(): void {
    const [start] = waiting;
    if (held || start === undefined || loading.size >= limit) return;
    waiting.delete(start);
    loading.add(start);
    start();
    startNext();
  }

  function request(load: () => void): () => void {
    // One of its own, whatever else is asked for by the same function.
    const start = () => load();
    waiting.add(start);
    startNext();
    return () => {
      waiting.delete(start);
      if (loading.delete(start)) startNext();
    };
  }

  return {
    request,
    hold(isHeld) {
      held = isHeld;
      startNext();
    },
  };
}

/** Of this page: its connections are shared by all that it shows. */
export const coverQueue = createCoverQueue(3);
