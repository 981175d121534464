import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { problems } from "../../core/contract/problem.ts";
import type { StreamGrant } from "../../core/domain/entitlement/stream-grant.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { ObjectReader } from "../../core/domain/shared/object-store.ts";
import {
  type BlockCache,
  type BlockCacheOptions,
  createBlockCache,
} from "../../server/delivery/block-cache.ts";
import { createAudioReader } from "../../server/delivery/range-reader.ts";
import { streamRoutes } from "../../server/routes/stream.ts";

export type StreamServer = {
  readonly app: FastifyInstance;
  readonly cache: BlockCache;
  readonly port: number;
  /** Grants given and not yet released. */
  readonly open: () => number;
  /** Releases so far: one for each grant, or something is wrong. */
  readonly released: () => number;
  close(): Promise<void>;
};

export type StreamServerOptions = Partial<Omit<BlockCacheOptions, "source">> & {
  readonly source: ObjectReader;
  /** The object of a song, or undefined. */
  find(songId: string, request: FastifyRequest): StreamGrant["object"] | undefined;
  readonly signal?: AbortSignal;
  /** A Unix socket to listen on: its buffers are small, where those of TCP swallow megabytes. */
  readonly path?: string;
  readonly host?: string;
  readonly onBytes?: (count: number) => void;
};

/** The stream route on a port of its own, with everyone entitled. */
export async function startStreamServer(options: StreamServerOptions): Promise<StreamServer> {
  const { source, find, maxBytes = 64 * 2 ** 20, blockBytes, policy, onBytes } = options;
  const signal = options.signal ?? new AbortController().signal;
  const cache = createBlockCache({
    source,
    maxBytes,
    ...(blockBytes === undefined ? {} : { blockBytes }),
    ...(policy === undefined ? {} : { policy }),
  });
  let granted = 0;
  let released = 0;
  const app = Fastify({ forceCloseConnections: true });
  answerWithProblems(app);
  await app.register(streamRoutes, {
    audio: createAudioReader(cache),
    async grantFor(request) {
      const object = find(request.params.songId, request);
      if (!object) throw new DomainError("not-found");
      granted += 1;
      return {
        object,
        signal,
        ...(onBytes ? { onBytes } : {}),
        release: () => {
          released += 1;
        },
      };
    },
  });
  await app.listen(
    options.path === undefined ? { port: 0, host: options.host ?? "127.0.0.1" } : { path: options.path },
  );
  const address = app.server.address();
  return {
    app,
    cache,
    port: typeof address === "object" && address ? address.port : 0,
    open: () => granted - released,
    released: () => released,
    close: () => app.close(),
  };
}

/** The problem documents of the real server, as far as these routes need them. */
function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    const refusal = error instanceof DomainError ? error : new DomainError("internal", String(error));
    return reply
      .code(problems[refusal.kind].status)
      .type("application/problem+json")
      .send(JSON.stringify(refusal.toProblem()));
  });
}
