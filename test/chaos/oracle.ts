import { isDeepStrictEqual } from "node:util";
import type { Change, Subscription } from "../../core/contract/subscriptions.ts";
import type { Replica } from "../../core/domain/subscriptions/replica.ts";
import type { Device, Made } from "./device.ts";
import type { Commit } from "./world/recorder.ts";

/** Where what was promised and what was seen differ, in words. */
export type Divergence = string;

/** The table as it was committed: revisions without a hole, each change once. */
export function checkCommits(commits: readonly Commit[]): Divergence[] {
  const found: Divergence[] = [];
  for (const [at, { revision }] of commits.entries())
    if (revision !== at + 1) found.push(`Commit number ${at + 1} has revision ${revision}`);
  for (const [changeId, same] of Map.groupBy(commits, ({ changeId }) => changeId))
    if (same.length > 1) found.push(`${changeId} was applied ${same.length} times`);
  if (new Set(commits.map(({ epoch }) => epoch)).size > 1) found.push("The epoch changed");
  return found;
}

/** Each song's newest change at a revision. */
const stateAt = (commits: readonly Commit[], revision: number): Map<string, Change> =>
  new Map(commits.slice(0, revision).map(({ change }) => [change.songId, change]));

const listOf = (state: ReadonlyMap<string, Change>): Map<string, Subscription> =>
  new Map([...state].flatMap(([songId, { subscription }]) => (subscription ? [[songId, subscription]] : [])));

/** Names of changes that the server knows again: so many of a user's latest. */
const rememberedChanges = 32;

/**
 * An acknowledged change is committed, or changed nothing; a refused one is not, and was refused with reason; one that
 * went without a word built on a refused one.
 */
export function checkMade(commits: readonly Commit[], { made }: Device): Divergence[] {
  const all = [...made.values()];
  const wrong = (change: Made): boolean => {
    const at = commits.findIndex(({ changeId }) => changeId === change.changeId);
    if (change.outcome === "acknowledged") return at === -1 && !changedNothing(commits, change);
    // One whose answer was lost so long ago is not known again, and no longer on what it built.
    const forgotten = at !== -1 && commits.length - at > rememberedChanges;
    if (at !== -1 && !forgotten) return true;
    return change.outcome === "refused" ? !isDue(commits, all, change) : !buildsOnRefused(all, change);
  };
  return all.filter(wrong).map(({ changeId, op, songId, outcome, why }) => {
    const is = commits.some((commit) => commit.changeId === changeId) ? "committed" : "not committed";
    return `${changeId} (${op} ${songId}) is ${[outcome, why].filter(Boolean).join(": ")}, and ${is}`;
  });
}

/** To change what is not there is refused, and to go over a change of another device that nobody saw here. */
function isDue(commits: readonly Commit[], own: readonly Made[], { op, songId, why }: Made): boolean {
  if (why === "not-found") return op === "patch";
  const isOwn = (changeId: string) => own.some((made) => made.changeId === changeId);
  return (
    why === "precondition-failed" &&
    commits.some(({ change, changeId }) => change.songId === songId && !isOwn(changeId))
  );
}

const buildsOnRefused = (own: readonly Made[], { changeId, songId }: Made): boolean =>
  own.some((made) => made.songId === songId && made.outcome === "refused" && made.changeId < changeId);

/**
 * What is not committed and yet acknowledged: taking away what was not there, and subscribing anew to what another device
 * had removed since. The answer's revision is that of the head, and the song's row was read after it.
 */
const changedNothing = (commits: readonly Commit[], { op, songId, result }: Made): boolean => {
  if (!result || (op !== "delete" && result.subscription !== null)) return false;
  for (let revision = result.revision; revision <= commits.length; revision++)
    if (!stateAt(commits, revision).get(songId)?.subscription) return true;
  return false;
};

/** The rows are what the commits make, as a list reads them. */
export function checkRows(commits: readonly Commit[], rows: readonly Subscription[]): Divergence[] {
  const wanted = listOf(stateAt(commits, commits.length));
  const found = new Map(rows.map((row) => [row.songId, row]));
  return isDeepStrictEqual(found, wanted)
    ? []
    : [`The table has ${describe(found)} instead of ${describe(wanted)}`];
}

/** What a device had at any moment was true, and never went back. */
export function checkSeen(commits: readonly Commit[], { name, seen }: Device): Divergence[] {
  const found: Divergence[] = [];
  let before: Replica | undefined;
  for (const replica of seen) {
    found.push(
      ...[...checkTruth(commits, replica), ...checkForward(before, replica)].map(
        (what) => `${name}: ${what}`,
      ),
    );
    before = replica;
  }
  return found;
}

function checkTruth(commits: readonly Commit[], { revision, subscriptions }: Replica): Divergence[] {
  if (revision === null) return [];
  const found: Divergence[] = [];
  for (const [songId, subscription] of subscriptions) {
    const change = commits[subscription.revision - 1]?.change;
    if (change?.songId !== songId || !isDeepStrictEqual(change.subscription, subscription))
      found.push(`has ${songId} as it never was: ${JSON.stringify(subscription)}`);
  }
  for (const [songId, change] of stateAt(commits, revision)) {
    const has = subscriptions.get(songId);
    const isGoneLater = () =>
      commits.some(
        ({ change: { songId: id, op, revision: at } }) =>
          id === songId && op === "delete" && at >= change.revision,
      );
    if (has ? has.revision < change.revision : change.op === "put" && !isGoneLater())
      found.push(`says it has revision ${revision}, and misses ${songId} of ${change.revision}`);
  }
  return found;
}

function checkForward(before: Replica | undefined, after: Replica): Divergence[] {
  if (!before || before.epoch !== after.epoch) return [];
  const found: Divergence[] = [];
  if ((after.revision ?? 0) < (before.revision ?? 0))
    found.push(`went back from revision ${before.revision} to ${after.revision}`);
  for (const [songId, { revision }] of after.subscriptions)
    if (revision < (before.subscriptions.get(songId)?.revision ?? 0)) found.push(`went back in ${songId}`);
  return found;
}

/** In the end every device has exactly the table, and shows nothing else. */
export function checkConverged(commits: readonly Commit[], device: Device): Divergence[] {
  const wanted = listOf(stateAt(commits, commits.length));
  const { revision, subscriptions } = device.replica.get();
  const found: Divergence[] = [];
  if (revision !== commits.length) found.push(`ends at revision ${revision} of ${commits.length}`);
  if (!isDeepStrictEqual(subscriptions, wanted))
    found.push(`ends with ${describe(subscriptions)} instead of ${describe(wanted)}`);
  const shown = device.shown();
  if (!shown || !isDeepStrictEqual(new Map(shown), wanted)) found.push("shows something else than it has");
  return found.map((what) => `${device.name}: ${what}`);
}

const describe = (list: ReadonlyMap<string, Subscription>): string =>
  JSON.stringify([...list].map(([songId, { revision }]) => `${songId}@${revision}`));

/** The versions of what plays follow each other, and a device is told only what was written. */
export function checkPlayback(
  written: readonly { readonly version: number }[],
  { name, told }: Device,
): Divergence[] {
  const found: Divergence[] = [];
  for (const [at, { version }] of written.entries())
    if (version !== at + 1) found.push(`Playback number ${at + 1} has version ${version}`);
  for (const state of told)
    if (!isDeepStrictEqual(written[state.version - 1], state))
      found.push(`${name} was told of a playback that never was`);
  return found;
}
