import type { Log } from "../../../core/domain/ports.ts";
import type { Verifier } from "../signatures/verify.ts";
import type { Receiver } from "./body.ts";
import type { ObjectStore } from "./object-store.ts";
import type { UploadStore } from "./upload-store.ts";

/** What the engine's operations work on. */
export type Stores = {
  readonly objects: ObjectStore;
  readonly uploads: UploadStore;
  readonly receiver: Receiver;
  readonly verifier: Verifier;
  readonly log: Log;
};
