import type { PlanName } from "../../contract/accounts.ts";
import type { Change } from "../../contract/subscriptions.ts";
import type { Clock } from "../ports.ts";
import type { Head } from "./head.ts";

/** A song's row is the newest change of that song; a removal stays as one too. All reads are consistent. */
export type SubscriptionStore = {
  head(userId: string): Promise<Head | undefined>;
  /** The heads that are there, in batches, in no particular order. */
  heads(userIds: readonly string[]): Promise<Head[]>;
  /** Writes a user's first head; answers the one that is there afterwards, which another may have written. */
  createHead(head: Head): Promise<Head>;
  /**
   * Replaces the head where it still is the one before (`headRevision` - 1, same epoch) and not closed. Answers
   * false where it is not, which a writer whose own earlier try got through is told as well.
   */
  commit(head: Head): Promise<boolean>;
  /**
   * Replaces the head where it still is at the same revision, in the epoch `before`, and not closed. Answers false
   * where it is not, as `commit` does.
   */
  renew(head: Head, before: string): Promise<boolean>;
  /** The rows of some songs, those that exist. */
  songs(userId: string, songIds: readonly string[]): Promise<Change[]>;
  /** Writes a song's row where that is older or missing; else leaves it. */
  writeSong(userId: string, change: Change): Promise<void>;
  /** All rows by song id, after one; `pageSize` rows are fetched at a time, as far as they are asked for. */
  songsAfter(userId: string, songId: string, pageSize: number): AsyncIterable<Change>;
  /** The rows above a revision, by revision; fetched like `songsAfter`. */
  changesSince(userId: string, revision: number, pageSize: number): AsyncIterable<Change>;
  /** Closes the head (and makes a closed one where there is none); it goes after `expiresAt`. */
  close(head: Head, expiresAt: Date): Promise<void>;
  /** Deletes every row of the user but the head. */
  deleteRows(userId: string): Promise<void>;
};

/** Of an account: whose it is, and its plan. `AccountStore` is one. */
export type PlanLookup = {
  get(email: string): Promise<{ readonly userId: string; readonly plan: PlanName } | undefined>;
};

/** Whether a song is there. `SongStore` is one. */
export type SongLookup = { get(songId: string): Promise<object | undefined> };

/** What readers need. */
export type SubscriptionReaderDeps = {
  readonly subscriptions: SubscriptionStore;
  /** A new ULID. */
  readonly newId: () => string;
};

export type SubscriptionDeps = SubscriptionReaderDeps & {
  readonly accounts: PlanLookup;
  readonly songs: SongLookup;
  readonly clock: Clock;
  /** Waits before try number 1, 2, … with full jitter. */
  readonly backoff: (attempt: number) => Promise<void>;
};
