import { ulid } from "ulid";
import { createObjectStore } from "../../core/aws/object-store.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import type { Environment } from "../../core/domain/ports.ts";
import type { CoverDeps } from "../../core/domain/uploads/put-cover.ts";
import type { HttpDeps } from "../http/handler.ts";
import { coverResizer } from "../images/covers.ts";
import { httpDeps } from "./http.ts";
import { databaseFor, storageFor } from "./stores.ts";

export function coversDeps(env: Environment): HttpDeps & CoverDeps {
  const database = databaseFor(env);
  const { s3, bucket } = storageFor(env);
  return {
    ...httpDeps(env, database),
    songs: createSongStore(database),
    objects: createObjectStore({ client: s3, bucket }),
    covers: coverResizer,
    newId: ulid,
  };
}
