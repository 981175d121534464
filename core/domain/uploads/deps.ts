import type { SongStore } from "../catalogue/ports.ts";
import type { Clock, Log } from "../ports.ts";
import type { ObjectStore } from "../shared/object-store.ts";
import type { AudioInspector, CoverResizer, MultipartStore, UploadStore } from "./ports.ts";

/** What processing an upload needs. */
export type ProcessDeps = {
  readonly uploads: UploadStore;
  readonly multipart: Pick<MultipartStore, "parts" | "complete">;
  readonly objects: ObjectStore;
  readonly songs: SongStore;
  readonly inspector: AudioInspector;
  readonly covers: CoverResizer;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
};
