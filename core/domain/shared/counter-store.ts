export type CounterStore = {
  /** Adds to a counter that starts at 0 and goes after `expiresAt` (seconds); answers the sum. */
  add(key: string, amount: number, expiresAt: number): Promise<number>;
  /** Adds one where the counter is below `limit`, in one step: of any number at once, `limit` are taken. False: full. */
  take(key: string, limit: number, expiresAt: number): Promise<boolean>;
  /** Takes one away again, never below 0. */
  giveBack(key: string): Promise<void>;
};
