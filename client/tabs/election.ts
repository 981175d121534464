/** What Encore needs of a `BroadcastChannel`. */
export type Channel = {
  postMessage(message: unknown): void;
  close(): void;
  onmessage: ((event: MessageEvent) => void) | null;
};

export type Candidate = {
  /** Leads now, whoever does: the one that did has not answered. */
  take(): void;
  /** Lets go, or waits no more. */
  leave(): void;
};

/** Of all tabs that stand for a name one leads at a time; when its page is gone, the browser lets the next one. */
export type Elect = (name: string, told: { won: () => void; lost: () => void }) => Candidate;

/** How the tabs of one browser find each other. */
export type Tabs = { readonly elect: Elect; readonly open: (name: string) => Channel };

/** By Web Locks and BroadcastChannel; where a browser has not both (on plain HTTP, say), each tab is for itself. */
export const tabsOf = (
  locks: Pick<LockManager, "request"> | undefined,
  channel: (new (name: string) => Channel) | undefined,
): Tabs => (locks && channel ? { elect: electByLocks(locks), open: (name) => new channel(name) } : loneTab);

const electByLocks =
  (locks: Pick<LockManager, "request">): Elect =>
  (name, told) => {
    let turn = stand({});

    /** One request for the lock, from waiting to having let it go. */
    function stand(options: LockOptions): () => void {
      const waiting = new AbortController();
      const { promise: done, resolve: letGo } = Promise.withResolvers<void>();
      let holds = false;
      const hold = () => {
        if (waiting.signal.aborted) return;
        holds = true;
        told.won();
        return done;
      };
      // The signal calls off the waiting only, and a lock cannot be taken with one.
      const asked = options.steal ? options : { ...options, signal: waiting.signal };
      locks.request(name, asked, hold).catch(() => {
        if (waiting.signal.aborted) return;
        // A browser that refuses locks altogether leaves each tab for itself.
        if (!holds) return told.won();
        turn = stand({});
        told.lost();
      });
      return () => {
        waiting.abort();
        letGo();
      };
    }

    return {
      take() {
        turn();
        turn = stand({ steal: true });
      },
      leave: () => turn(),
    };
  };

const loneTab: Tabs = {
  elect: (_name, { won }) => {
    won();
    return { take: () => {}, leave: () => {} };
  },
  open: () => ({ postMessage: () => {}, close: () => {}, onmessage: null }),
};
