import { createDatabase, createS3Client, type Database } from "../core/aws/clients.ts";
import { dynamoDbConfig, type Environment, readAwsConfig, s3Config } from "../core/aws/config.ts";
import { createMultipartStore } from "../core/aws/multipart-store.ts";
import { createObjectStore } from "../core/aws/object-store.ts";
import { createSearchIndexWriter, createSongSearch } from "../core/aws/search-index-store.ts";
import { createSongStore } from "../core/aws/song-store.ts";
import { createUploadStore } from "../core/aws/upload-store.ts";
import type { CatalogueDeps } from "../core/domain/catalogue/songs.ts";
import type { Clock, Log } from "../core/domain/ports.ts";
import type { UploadDeps } from "../core/domain/uploads/uploads.ts";
import { audioInspector } from "./audio/inspect.ts";
import type { HttpDeps } from "./http/handler.ts";
import type { IndexMusicDeps } from "./index-music.ts";

/**
 * Builds what the handlers of each area need, from an environment: one exported function an area, so that a
 * bundle holds nothing that its handler does not use. A function is called once a process (see `onFirstCall`).
 */
export const databaseFor = (env: Environment): Database =>
  createDatabase(readAwsConfig(env).tablePrefix, dynamoDbConfig(env));

const storageFor = (env: Environment) => ({
  s3: createS3Client(s3Config(env)),
  bucket: readAwsConfig(env).bucket,
});

export function catalogueDeps(env: Environment): HttpDeps & CatalogueDeps {
  const database = databaseFor(env);
  const { s3, bucket } = storageFor(env);
  return {
    ...httpDeps(env, database),
    songs: createSongStore(database),
    search: createSongSearch({ database, s3, bucket, clock: systemClock }),
    objects: createObjectStore({ client: s3, bucket }),
  };
}

export function uploadsDeps(env: Environment): HttpDeps & UploadDeps {
  const database = databaseFor(env);
  const { s3, bucket } = storageFor(env);
  return {
    ...httpDeps(env, database),
    uploads: createUploadStore(database, systemClock),
    multipart: createMultipartStore(s3, bucket),
    objects: createObjectStore({ client: s3, bucket }),
    songs: createSongStore(database),
    inspector: audioInspector,
    clock: systemClock,
  };
}

export const indexMusicDeps = (env: Environment): IndexMusicDeps => ({
  index: createSearchIndexWriter({ database: databaseFor(env), ...storageFor(env), clock: systemClock }),
});

export const systemClock: Clock = { now: () => new Date() };

/** One JSON line a message, which CloudWatch Logs can search. */
export const jsonLog: Log = {
  info: (fields, message) => write("info", fields, message),
  warn: (fields, message) => write("warn", fields, message),
  error: (fields, message) => write("error", fields, message),
};

function write(level: string, { err, ...fields }: Record<string, unknown>, message: string): void {
  const error = err instanceof Error ? { name: err.name, message: err.message, stack: err.stack } : err;
  process.stdout.write(
    `${JSON.stringify({ level, message, ...fields, ...(err !== undefined && { error }) })}\n`,
  );
}

/**
 * Lambda's entry: builds the handler from the process's environment at the first call and keeps it, so that
 * importing a handler file has no effect of its own.
 */
export function onFirstCall<D, A extends unknown[], R>(
  create: (deps: D) => (...args: A) => R,
  depsFor: (env: Environment) => D,
): (...args: A) => R {
  let handler: ((...args: A) => R) | undefined;
  return (...args) => {
    handler ??= create(depsFor(process.env));
    return handler(...args);
  };
}
