import type { SongStore } from "../catalogue/ports.ts";
import { objectKeysOf } from "../catalogue/record.ts";
import type { Clock } from "../ports.ts";
import type { ObjectStore } from "../shared/object-store.ts";
import type { ObjectLister } from "./ports.ts";

export type ObjectSweepDeps = {
  readonly objects: ObjectLister & Pick<ObjectStore, "delete">;
  readonly songs: Pick<SongStore, "getMany">;
  readonly clock: Clock;
};

/**
 * The age at which an object that no song names is deleted: two days, in milliseconds. An upload is open for one, so no
 * song will name it any more; and whoever began to play a replaced version has heard it by then.
 */
const graceMs = 2 * 24 * 60 * 60 * 1000;
const prefixes = ["audio/", "previews/", "covers/"];
const objectsAtOnce = 100;

/**
 * Deletes the objects that no song names: those that a *complete* had assembled when it died, and those that were
 * replaced. It may run at any time, and twice at once.
 * @returns the number of objects deleted
 */
export async function sweepObjects(deps: ObjectSweepDeps): Promise<number> {
  const before = new Date(deps.clock.now().getTime() - graceMs).toISOString();
  let deleted = 0;
  for (const prefix of prefixes)
    for await (const old of batches(deps, prefix, before)) {
      const keys = await abandoned(deps, old, before);
      await Promise.all(keys.map((key) => deps.objects.delete(key)));
      deleted += keys.length;
    }
  return deleted;
}

/** Song ids by the keys of their objects. */
type SongsByKey = ReadonlyMap<string, string>;

async function* batches(
  { objects }: ObjectSweepDeps,
  prefix: string,
  before: string,
): AsyncGenerator<SongsByKey> {
  let batch = new Map<string, string>();
  for await (const { key, modifiedAt } of objects.list(prefix)) {
    const songId = songOf(key);
    if (songId === undefined || modifiedAt >= before) continue;
    batch.set(key, songId);
    if (batch.size < objectsAtOnce) continue;
    yield batch;
    batch = new Map();
  }
  yield batch;
}

async function abandoned({ songs }: ObjectSweepDeps, batch: SongsByKey, before: string): Promise<string[]> {
  const records = await songs.getMany([...new Set(batch.values())]);
  const named = new Set(records.flatMap(objectKeysOf));
  const changedLately = new Set(
    records.filter(({ audio }) => audio.modifiedAt >= before).map(({ songId }) => songId),
  );
  return [...batch].flatMap(([key, songId]) => (named.has(key) || changedLately.has(songId) ? [] : key));
}

/** The song that an object is of; undefined for covers as they were kept before, which songs may share. */
function songOf(key: string): string | undefined {
  const [kind, songId, version] = key.split("/");
  return kind === "covers" && version === undefined ? undefined : songId;
}
