import { setTimeout as wait } from "node:timers/promises";
import { ulid } from "ulid";
import { createS3Client } from "../../core/aws/clients.ts";
import { s3Config } from "../../core/aws/config.ts";
import { createCounterStore } from "../../core/aws/counter-store.ts";
import { createMultipartStore } from "../../core/aws/multipart-store.ts";
import { createObjectStore } from "../../core/aws/object-store.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import { createUploadStore } from "../../core/aws/upload-store.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import { createOutcomeWaiter } from "../../core/domain/uploads/await-outcome.ts";
import { readUploadQuota } from "../../core/domain/uploads/quota.ts";
import type { UploadsDeps } from "../uploads.ts";
import { httpDeps } from "./http.ts";
import { databaseFor, storageFor } from "./stores.ts";

/**
 * `PARTS_ENDPOINT_URL`: where those who send parts reach the bucket, if not at the address that this process uses. In AWS
 * they send straight to S3.
 */
const partSignerFor = (env: Environment) =>
  env.PARTS_ENDPOINT_URL ? createS3Client({ ...s3Config(env), endpoint: env.PARTS_ENDPOINT_URL }) : undefined;

/** A laptop's calls are waited for in one process; more than so many are answered at once, and asked for again. */
const outcomesAtOnce = 64;

export function uploadsDeps(env: Environment): UploadsDeps {
  const database = databaseFor(env);
  const { s3, bucket } = storageFor(env);
  const uploads = createUploadStore(database, systemClock);
  return {
    ...httpDeps(env, database),
    uploads,
    awaitOutcome: createOutcomeWaiter({
      uploads,
      waitMs: 15_000,
      maxWaiting: outcomesAtOnce,
      pause: (ms) => wait(ms),
    }),
    multipart: createMultipartStore(s3, bucket, partSignerFor(env)),
    objects: createObjectStore({ client: s3, bucket }),
    songs: createSongStore(database),
    counters: createCounterStore(database),
    bytesPerDay: readUploadQuota(env),
    clock: systemClock,
    newId: ulid,
  };
}
