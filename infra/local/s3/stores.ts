import type { Log } from "../../../core/domain/ports.ts";
import type { Verifier } from "../signatures/verify.ts";
import type { Receiver } from "./body.ts";
import type { ObjectFiles } from "./object-store.ts";
import type { UploadFiles } from "./upload-store.ts";

/** What the engine's operations work on. */
export type BucketStores = {
  readonly objects: ObjectFiles;
  readonly uploads: UploadFiles;
  readonly receiver: Receiver;
  readonly verifier: Verifier;
  readonly log: Log;
};
