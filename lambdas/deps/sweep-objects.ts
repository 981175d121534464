import { createObjectLister, createObjectStore } from "../../core/aws/object-store.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import type { SweepObjectsDeps } from "../sweep-objects.ts";
import { jsonLog } from "./json-log.ts";
import { databaseFor, storageFor } from "./stores.ts";

export function sweepObjectsDeps(env: Environment): SweepObjectsDeps {
  const { s3, bucket } = storageFor(env);
  const bucketed = { client: s3, bucket };
  return {
    objects: { ...createObjectLister(bucketed), delete: createObjectStore(bucketed).delete },
    songs: createSongStore(databaseFor(env)),
    clock: systemClock,
    log: jsonLog,
  };
}
