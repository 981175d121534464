import { ulid } from "ulid";
import { createMultipartStore } from "../../core/aws/multipart-store.ts";
import { createObjectStore } from "../../core/aws/object-store.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import { createUploadStore } from "../../core/aws/upload-store.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import type { ProcessDeps } from "../../core/domain/uploads/deps.ts";
import { createAudioInspector } from "../audio/inspect.ts";
import { coverResizer } from "../images/covers.ts";
import { jsonLog } from "./json-log.ts";
import { databaseFor, storageFor } from "./stores.ts";

/** `close` ends what is being looked into; it is processed again when its record is delivered again. */
export function processUploadsDeps(env: Environment): ProcessDeps & { close(): Promise<void> } {
  const database = databaseFor(env);
  const { s3, bucket } = storageFor(env);
  const inspector = createAudioInspector();
  return {
    uploads: createUploadStore(database, systemClock),
    multipart: createMultipartStore(s3, bucket),
    objects: createObjectStore({ client: s3, bucket }),
    songs: createSongStore(database),
    inspector,
    covers: coverResizer,
    clock: systemClock,
    log: jsonLog,
    newId: ulid,
    close: inspector.close,
  };
}
