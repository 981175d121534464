import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { StreamGrant } from "../../core/domain/entitlement/stream-grant.ts";
import type { ObjectSigner } from "../../core/domain/shared/object-store.ts";
import { createAckTracker } from "../delivery/ack-tracker.ts";
import { createPeerWatch, type PeerWatch } from "../delivery/peer-watch.ts";
import type { AudioReader } from "../delivery/range-reader.ts";
import { createResponder } from "../delivery/respond.ts";

type SongRoute = { Params: { songId: string }; Querystring: { take?: unknown } };

/** Bounds what the row keeps of a wish. */
const maxWishLength = 64;

/** The id of a person's wish to hear here, from `?take=`; undefined where it is none. */
export const wishOf = ({ take }: SongRoute["Querystring"]): string | undefined =>
  typeof take === "string" && take.length > 0 && take.length <= maxWishLength ? take : undefined;

export type StreamOptions = {
  readonly audio: AudioReader;
  /**
   * Decides who may hear what; at once where all is in memory. Each grant is released exactly once.
   * @throws (or rejects) DomainError where it is refused
   */
  grantFor(request: FastifyRequest<SongRoute>): StreamGrant | Promise<StreamGrant>;
  /** Given where the store itself sends the audio: the answer is a redirect. */
  readonly signer?: Pick<ObjectSigner, "sign"> | undefined;
  readonly peers?: PeerWatch;
};

/**
 * `private`: what one may hear, another may not, so nothing between may keep it. `no-cache`: the browser may keep it but
 * asks each time, and so is refused when the plan or the session has ended; the ETag makes the asking cheap. A proxy that
 * reads ahead (nginx does unless told by `X-Accel-Buffering`) would go on sending what has ended here.
 */
const headers = {
  "cache-control": "private, no-cache",
  "x-content-type-options": "nosniff",
  "x-accel-buffering": "no",
};

/** `GET` and `HEAD /stream/{songId}`: a song's audio, whole or by ranges. HEAD reads nothing from the store. */
export const streamRoutes: FastifyPluginAsync<StreamOptions> = async (
  app,
  { audio, grantFor, signer, peers = createPeerWatch() },
) => {
  const respond = createResponder(audio, peers);
  const acks = createAckTracker(peers);
  // Any request counts: a proxy in front uses a connection for one listener after the other.
  app.server.on("request", ({ socket }) => acks.onRequest(socket));

  function serve(
    request: FastifyRequest,
    reply: FastifyReply,
    grant: StreamGrant,
  ): Promise<void> | undefined {
    const releaseWhenAcked = (bytes: number) => acks.releaseWhenAcked(request.raw.socket, grant, bytes);
    const release = (error: unknown): never => {
      grant.release();
      throw error;
    };
    try {
      const sending = signer
        ? redirect(signer, request, reply, grant)
        : respond(request, reply, grant, headers);
      if (typeof sending !== "number") return sending.then(releaseWhenAcked, release);
      releaseWhenAcked(sending);
      return undefined;
    } catch (error) {
      return release(error);
    }
  }

  app.route<SongRoute>({
    method: ["GET", "HEAD"],
    url: "/stream/:songId",
    exposeHeadRoute: false,
    handler(request, reply) {
      const grant = grantFor(request);
      const sending =
        grant instanceof Promise
          ? grant.then((given) => serve(request, reply, given))
          : serve(request, reply, grant);
      return sending?.then(() => reply);
    },
  });
};

/** The method stays the same (RFC 9110 §15.4.8), and nobody keeps a URL that will be refused. */
async function redirect(
  signer: Pick<ObjectSigner, "sign">,
  { method }: FastifyRequest,
  reply: FastifyReply,
  { object }: StreamGrant,
): Promise<0> {
  const location = await signer.sign(object.key, method === "HEAD" ? "HEAD" : "GET");
  reply.code(307).headers({ location, "cache-control": "no-store" }).send();
  return 0;
}
