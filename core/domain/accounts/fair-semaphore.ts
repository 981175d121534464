import { DomainError } from "../errors.ts";

export type FairSemaphoreLimits = {
  /** How many pieces of work run at once, */
  readonly width: number;
  /** how many wait, */
  readonly queue: number;
  /** and how many of them for one key. */
  readonly queuePerKey: number;
};

/** For whom work is done, and how it is learnt that nobody waits for it any more. */
export type Requester = { readonly key: string; readonly signal?: AbortSignal | undefined };

type Waiter = { readonly start: () => void; readonly drop: (reason: DomainError) => void };

const full = () =>
  new DomainError("unavailable", "Too many people sign in just now; try again", { retryAfterSeconds: 2 });
const fullForKey = () =>
  new DomainError("too-many-requests", "Too many sign-ins at once from your network; try again", {
    retryAfterSeconds: 2,
  });

/** Nobody reads it: the caller has left. */
const left = () => new DomainError("unavailable", "The caller has left");

/**
 * Runs at most `width` pieces of work at once. Keys take turns, so that who brings one waits for one of each other key and
 * not for all that somebody brought before. Work whose caller leaves before it runs is dropped; where the queue is full,
 * the key that has most in it loses its newest.
 * @throws DomainError `unavailable`, `too-many-requests`
 */
export function createFairSemaphore({ width, queue, queuePerKey }: FairSemaphoreLimits) {
  /** Of each key that has any; the key at the front is next. */
  const waiting = new Map<string, Waiter[]>();
  let running = 0;
  let count = 0;

  const remove = (key: string, waiter: Waiter): void => {
    const line = waiting.get(key);
    const at = line?.indexOf(waiter) ?? -1;
    if (!line || at < 0) return;
    line.splice(at, 1);
    count -= 1;
    if (line.length === 0) waiting.delete(key);
  };

  /** Makes room in a full queue, at the cost of the key that has most in it, unless that is this one. */
  const makeRoom = (key: string): void => {
    const own = waiting.get(key)?.length ?? 0;
    const [longest, line = []] = [...waiting].reduce((a, b) => (b[1].length > a[1].length ? b : a));
    const newest = line.at(-1);
    if (!newest || line.length <= own + 1) throw full();
    remove(longest, newest);
    newest.drop(full());
  };

  const wait = ({ key, signal }: Requester): Promise<void> => {
    if ((waiting.get(key)?.length ?? 0) >= queuePerKey) throw fullForKey();
    if (count >= queue) makeRoom(key);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      remove(key, waiter);
      reject(left());
    };
    const waiter: Waiter = {
      start: () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      },
      drop: (reason) => {
        signal?.removeEventListener("abort", leave);
        reject(reason);
      },
    };
    signal?.addEventListener("abort", leave, { once: true });
    waiting.set(key, [...(waiting.get(key) ?? []), waiter]);
    count += 1;
    return promise;
  };

  /** The place goes to the key at the front, which goes to the back; or it is free. */
  const release = (): void => {
    const [next] = waiting;
    const waiter = next?.[1][0];
    if (!next || !waiter) {
      running -= 1;
      return;
    }
    const [key, line] = next;
    remove(key, waiter);
    if (line.length > 0) {
      waiting.delete(key);
      waiting.set(key, line);
    }
    waiter.start();
  };

  return async <T>(requester: Requester, work: () => Promise<T>): Promise<T> => {
    if (requester.signal?.aborted) throw left();
    if (running < width) running += 1;
    else await wait(requester);
    try {
      return await work();
    } finally {
      release();
    }
  };
}
