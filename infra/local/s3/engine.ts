import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listen } from "../listen.ts";
import { createRequestListener } from "./handler.ts";
import { openObjectStore } from "./object-store.ts";
import { openUploadStore } from "./upload-store.ts";

export type S3Options = {
  /** Where objects are kept; a temporary folder, removed at the end, when absent. */
  readonly dataDir?: string;
  /** Default: any free one. */
  readonly port?: number;
};

export type S3Engine = { readonly endpoint: string; close(): Promise<void> };

/** S3 in this process, on 127.0.0.1. */
export async function startS3({ dataDir, port = 0 }: S3Options = {}): Promise<S3Engine> {
  const directory = dataDir ?? (await mkdtemp(join(tmpdir(), "encore-s3-")));
  const [objects, uploads] = await Promise.all([openObjectStore(directory), openUploadStore(directory)]);
  const { endpoint, close } = await listen(createServer(createRequestListener({ objects, uploads })), port);
  return {
    endpoint,
    close: async () => {
      await close();
      if (!dataDir) await rm(directory, { recursive: true, force: true });
    },
  };
}
