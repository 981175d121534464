import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { Admission } from "../../core/domain/streaming/ports.ts";
import type { AudioReader } from "../audio/reader.ts";
import { createResponder } from "../audio/respond.ts";

export type StreamOptions = {
  readonly audio: AudioReader;
  /**
   * Decides who may hear what: gives the object, or throws a DomainError. Whatever it gives is released exactly once.
   */
  admit(request: FastifyRequest<{ Params: { songId: string } }>): Promise<Admission>;
};

/**
 * `private`: what one may hear, another may not, so nothing between may keep it. `no-cache`: the browser may keep it but
 * asks each time, and so is refused when the plan or the session has ended; the ETag makes the asking cheap.
 */
const headers = { "cache-control": "private, no-cache", "x-content-type-options": "nosniff" };

/** `GET` and `HEAD /stream/{songId}`: a song's audio, whole or by ranges. HEAD reads nothing from the store. */
export const streamRoutes: FastifyPluginAsync<StreamOptions> = async (app, { audio, admit }) => {
  const respond = createResponder(audio);
  app.route<{ Params: { songId: string } }>({
    method: ["GET", "HEAD"],
    url: "/stream/:songId",
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const admission = await admit(request);
      try {
        reply.headers(headers);
        await respond(request, reply, admission);
      } finally {
        admission.release();
      }
      return reply;
    },
  });
};
