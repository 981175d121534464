import { buildApp } from "fauxqs";
import { listen } from "../listen.ts";

export type S3Options = {
  /** Where objects are kept; a temporary folder when absent. */
  readonly dataDir?: string;
  /** Default: any free one. */
  readonly port?: number;
};

export type S3Engine = { readonly endpoint: string; close(): Promise<void> };

/** S3 in this process, on 127.0.0.1. */
export async function startS3({ port = 0 }: S3Options = {}): Promise<S3Engine> {
  const app = buildApp({ logger: false });
  await app.ready();
  const { endpoint, close } = await listen(app.server, port);
  return { endpoint, close };
}
