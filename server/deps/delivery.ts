import { createS3Client } from "../../core/aws/clients.ts";
import { readAwsConfig, s3Config } from "../../core/aws/config.ts";
import { createObjectSigner } from "../../core/aws/object-signer.ts";
import { createObjectStore } from "../../core/aws/object-store.ts";
import type { Environment, Log } from "../../core/domain/ports.ts";
import type { ObjectReader } from "../../core/domain/shared/object-store.ts";
import type { AppOptions } from "../app.ts";
import type { ServerConfig } from "../config.ts";
import { blockBytes, createBlockCache } from "../delivery/block-cache.ts";
import { openDiskCache } from "../delivery/disk-cache.ts";
import { createAudioReader } from "../delivery/range-reader.ts";

/** How long a URL of S3 is good (seconds): a song may be paused, and goes on by a new one where it was longer. */
const redirectSeconds = 15 * 60;

/** Reads audio through the block cache, and signs URLs of S3 where audio comes straight from there. */
export async function createDelivery(
  env: Environment,
  config: ServerConfig,
  log: Log,
): Promise<Pick<AppOptions, "audio" | "audioSigner">> {
  const { bucket } = readAwsConfig(env);
  const s3 = createS3Client(s3Config(env));
  const source = await withDisk(createObjectStore({ client: s3, bucket }), config, log);
  const isRedirect = config.audioDelivery === "redirect";
  return {
    audio: createAudioReader(createBlockCache({ source, maxBytes: config.audioCacheBytes })),
    audioSigner: isRedirect ? createObjectSigner(s3, bucket, redirectSeconds) : undefined,
  };
}

/** Keeps what is read on disk where the configuration names a folder. */
async function withDisk(source: ObjectReader, config: ServerConfig, log: Log): Promise<ObjectReader> {
  const { audioCacheDir: folder, audioCacheDiskBytes: maxBytes } = config;
  return folder ? openDiskCache({ source, folder, maxBytes, blockBytes, log }) : source;
}
