import type { FastifyPluginAsync } from "fastify";
import { uploadPartBytes } from "../../core/contract/uploads.ts";
import type { Address } from "./address.ts";
import type { S3Engine } from "./s3/engine.ts";

/** Below this path of the public origin the embedded S3 takes parts of uploads. */
const partsPath = "/parts";

/** A part of 8 MiB may take so long on a slow line (milliseconds); one that stalls ends much earlier. */
const partTimeoutMs = 300_000;

/** Where the URLs of parts lead: the embedded S3's own port is for this machine alone, and another at each start. */
export const partsEnvironment = ({ publicUrl }: Pick<Address, "publicUrl">) => ({
  PARTS_ENDPOINT_URL: `${publicUrl}${partsPath}`,
});

/** Passes `PUT`s of parts to the embedded S3, as they come. */
export const publicParts =
  (parts: S3Engine["parts"], { publicUrl }: Pick<Address, "publicUrl">): FastifyPluginAsync =>
  async (fastify) => {
    const take = parts({
      host: new URL(publicUrl).host,
      base: partsPath,
      origins: [publicUrl],
      maxPartBytes: uploadPartBytes,
    });
    fastify.server.requestTimeout = Math.max(fastify.server.requestTimeout, partTimeoutMs);
    // The body stays where it is, for the engine to read.
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser("*", (_request, _body, done) => done(null));
    fastify.put(`${partsPath}/*`, { bodyLimit: uploadPartBytes }, (request, reply) => {
      reply.hijack();
      take(request.raw, reply.raw);
    });
  };
