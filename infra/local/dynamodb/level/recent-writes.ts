import type { StoredWrite } from "./group-commit.ts";

/** How many keys are remembered. */
const maxKeys = 2_000;
/** Mark and checksum tell two values apart, and need little room. */
const digestLength = 9;

const digest = (stored: string | undefined): string | undefined => stored?.slice(0, digestLength);

type Read = (key: string) => Promise<string | undefined>;

export type RecentWrites = {
  /** Notes writes that were acknowledged. */
  note(writes: readonly StoredWrite[]): void;
  /**
   * Compares the database, opened anew, with what was acknowledged last, and with the group whose write failed, which
   * may be there or not, but only as a whole.
   * @throws Error that names a key
   */
  verify(read: Read, failed: readonly StoredWrite[]): Promise<void>;
};

export function createRecentWrites(): RecentWrites {
  const acknowledged = new Map<string, string | undefined>();

  function note(writes: readonly StoredWrite[]): void {
    for (const { key, stored } of writes) {
      acknowledged.delete(key);
      acknowledged.set(key, digest(stored));
    }
    for (const key of acknowledged.keys()) {
      if (acknowledged.size <= maxKeys) return;
      acknowledged.delete(key);
    }
  }

  return {
    note,
    async verify(read, failed) {
      // The last write of a key is the one that shows.
      const last = new Map(failed.map(({ key, stored }) => [key, digest(stored)]));
      const isThere = new Map<string, boolean>();
      for (const [key, value] of last) isThere.set(key, digest(await read(key)) === value);
      const whole = [...isThere.values()].every(Boolean);
      for (const [key, value] of acknowledged) {
        if (whole && last.has(key)) continue;
        if (digest(await read(key)) !== value)
          throw new Error(`What was acknowledged of ${JSON.stringify(key)} is not there`);
      }
      if (whole) note(failed);
      else assertAbsent(failed, isThere);
    },
  };
}

/** Stream records are new keys: one that is there shows that its batch is, and then the rest of it must be. */
function assertAbsent(failed: readonly StoredWrite[], isThere: ReadonlyMap<string, boolean>): void {
  const half = failed.find(({ key }) => key.startsWith("stream~") && isThere.get(key));
  if (half) throw new Error(`A write is there by half (${JSON.stringify(half.key)})`);
}
