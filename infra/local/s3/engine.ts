import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../../../core/domain/ports.ts";
import { type Disk, groupFolderSyncs, nodeDisk, volatileDisk } from "../disk.ts";
import { lineLog } from "../line-log.ts";
import { listen } from "../listen.ts";
import type { Credentials } from "../signatures/credentials.ts";
import { createVerifier } from "../signatures/verify.ts";
import { sweepTemporaryFolders } from "../temporary-folders.ts";
import { createPartListener, createS3Listener, type PublicAccess } from "./handler.ts";
import { openObjectStore } from "./object-store.ts";
import { stallMs } from "./request-body.ts";
import { sweepIncoming } from "./sweep.ts";
import { openUploadStore } from "./upload-store.ts";

export type S3Options = {
  /** The keys that requests are signed with. */
  readonly credentials: Credentials;
  /** Where objects are kept; a temporary folder, removed at the end and never synced, when absent. */
  readonly dataDir?: string;
  /** Default: any free one. */
  readonly port?: number;
  readonly log?: Log;
  /** The file system; another one in tests of its faults. */
  readonly disk?: Disk;
  /** How long a sender may send nothing (milliseconds). */
  readonly stallMs?: number;
};

export type S3Engine = {
  readonly endpoint: string;
  /** Takes parts of uploads from elsewhere, for a server that others reach. */
  parts(access: PublicAccess): RequestListener;
  close(): Promise<void>;
};

const sweepEveryMs = 3_600_000;

/** S3 in this process, on 127.0.0.1. */
export async function startS3(options: S3Options): Promise<S3Engine> {
  const { port = 0, log = lineLog } = options;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "encore-s3-")));
  const given = options.disk ?? nodeDisk;
  const disk = groupFolderSyncs(options.dataDir === undefined ? volatileDisk(given) : given);
  const objects = await openObjectStore({ dataDir, disk, log });
  const uploads = await openUploadStore({ dataDir, disk });
  const receiver = { disk, stallMs: options.stallMs ?? stallMs };
  const verifier = createVerifier({ credentials: options.credentials, service: "s3" });
  const stores = { objects, uploads, receiver, verifier, log };
  const { endpoint, close } = await listen(createServer(createS3Listener(stores)), port);
  const sweeping = sweepRegularly(log, [
    () => uploads.sweep(),
    () => sweepIncoming(disk, dataDir),
    () => sweepTemporaryFolders(disk),
  ]);
  return {
    endpoint,
    parts: (access) => createPartListener(stores, access),
    close: async () => {
      await sweeping.stop();
      await close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function sweepRegularly(log: Log, sweeps: readonly (() => Promise<void>)[]) {
  let running = Promise.resolve();
  const run = () => {
    running = Promise.all(sweeps.map((sweep) => sweep())).then(
      () => {},
      (err: unknown) => log.warn({ err }, "Temporary files of the embedded S3 could not be swept"),
    );
  };
  run();
  const timer = setInterval(run, sweepEveryMs).unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
