import { createObjectStore } from "../../core/aws/object-store.ts";
import { createSongSearch } from "../../core/aws/search-index-store.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import type { CatalogueDeps } from "../../core/domain/catalogue/songs.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import type { HttpDeps } from "../http/handler.ts";
import { httpDeps } from "./http.ts";
import { databaseFor, storageFor } from "./stores.ts";

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
