import type { FastifyPluginAsync } from "fastify";
import type { StoredCover } from "../../core/domain/catalogue/ports.ts";
import { coverFor, coverVersion } from "../../core/domain/catalogue/record.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { createPeerWatch } from "../delivery/peer-watch.ts";
import type { AudioReader } from "../delivery/range-reader.ts";
import { createResponder } from "../delivery/respond.ts";

export type CoverOptions = {
  /** Covers are small objects like any other, so they share the audio's cache. */
  readonly audio: AudioReader;
  findCover(songId: string): Promise<StoredCover | undefined>;
};

type CoverRoute = { Params: { songId: string }; Querystring: { v?: string; size?: string } };

/** An address with the cover's own hash shows this picture for ever; any other must ask again. */
const cacheControl = (cover: StoredCover, version: string | undefined): string =>
  version === coverVersion(cover) ? "private, max-age=31536000, immutable" : "private, no-cache";

/** Anything but a whole number asks for the largest. */
const pixelsOf = (size: string | undefined): number | undefined =>
  size !== undefined && /^\d{1,5}$/.test(size) ? Number(size) : undefined;

/** `GET` and `HEAD /covers/{songId}?v=<hash>&size=<pixels>`: a song's cover, no smaller than asked where it is larger. */
export const coverRoutes: FastifyPluginAsync<CoverOptions> = async (app, { audio, findCover }) => {
  const respond = createResponder(audio, createPeerWatch());
  const never = new AbortController().signal;
  app.route<CoverRoute>({
    method: ["GET", "HEAD"],
    url: "/covers/:songId",
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const cover = await findCover(request.params.songId);
      if (!cover) throw new DomainError("not-found", "There is no such cover");
      const fields = {
        "cache-control": cacheControl(cover, request.query.v),
        "x-content-type-options": "nosniff",
      };
      const object = coverFor(cover, pixelsOf(request.query.size));
      await respond(request, reply, { object, signal: never }, fields);
      return reply;
    },
  });
};
