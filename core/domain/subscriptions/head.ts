import type { Change } from "../../contract/subscriptions.ts";

/**
 * The head row of a user's subscriptions. Replacing it is the one commit point: it carries the newest change in
 * full and its revision, so revisions are contiguous and a stream record of it needs nothing else to be told.
 */
export type Head = {
  readonly userId: string;
  /** Which history the revisions count in; a store that went back (a restore from backup) starts another. */
  readonly epoch: string;
  /** 0 before the first change. */
  readonly headRevision: number;
  /** How many songs are subscribed to at `headRevision`. */
  readonly count: number;
  /** The change that made `headRevision`. */
  readonly last?: Change;
  /** The names of the newest changes, oldest first; at most `rememberedChanges`. */
  readonly changeIds: readonly string[];
  /** How often a device's word gave the head a new epoch (`renew-epoch.ts`) since its last change. */
  readonly renewals?: number;
  /** The account is being deleted: no writer passes. */
  readonly closed?: true;
};

/** The head as it lies in the table `subscription` beside its user's song rows. */
export type HeadRow = Head & { readonly sk: typeof headSortKey };
export const headSortKey = "head";

/** A repeated change is recognised among so many; 32 names of 64 characters keep the row small. */
const rememberedChanges = 32;

/** A change, and the step from one revision to the next that it makes. */
export type CommittedChange = {
  readonly userId: string;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  readonly change: Change;
};

/** What a stream record's new image tells devices; nothing where it is not a head, is new, or is closed. */
export function changeFromHead(newImage: Readonly<Record<string, unknown>>): CommittedChange | undefined {
  if (newImage.sk !== headSortKey) return undefined;
  const { userId, epoch, headRevision, last, closed } = newImage as HeadRow;
  if (!last || closed) return undefined;
  return { userId, epoch, from: headRevision - 1, to: headRevision, change: last };
}

/** A new history of the same list: what revisions mean from now on, nobody has been told yet. */
export type RenewedHead = { readonly userId: string; readonly epoch: string; readonly revision: number };

/** What a stream record tells devices where the write gave the head a new epoch. */
export function renewalFromHead(
  oldImage: Readonly<Record<string, unknown>> | undefined,
  newImage: Readonly<Record<string, unknown>>,
): RenewedHead | undefined {
  if (newImage.sk !== headSortKey || !oldImage || newImage.closed) return undefined;
  const { userId, epoch, headRevision } = newImage as HeadRow;
  return epoch === oldImage.epoch ? undefined : { userId, epoch, revision: headRevision };
}

/** The head that a change makes. @param growth by how many songs the list grows: -1, 0 or 1 */
export const nextHead = (
  { renewals: _, ...head }: Head,
  change: Change,
  changeId: string,
  growth: number,
): Head => ({
  ...head,
  headRevision: change.revision,
  count: head.count + growth,
  last: change,
  changeIds: [...head.changeIds, changeId].slice(-rememberedChanges),
});
