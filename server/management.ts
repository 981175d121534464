import fastify, { type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Static } from "typebox";
import * as Type from "typebox";
import { PlanName, Role } from "../core/contract/accounts.ts";
import { Id, Strict } from "../core/contract/common.ts";
import { ByeReason, maxMessageBytes } from "../core/contract/live.ts";
import { isSecret } from "../core/domain/shared/secret.ts";
import type { Hub } from "./live/hub.ts";

export type ManagementOptions = {
  readonly hub: Hub;
  readonly metrics: Pick<Registry, "metrics" | "contentType">;
  /** What the header `x-encore-secret` must hold. */
  readonly secret: string;
};

/** Bytes of one post, as API Gateway limits it, and of one push batch. */
const maxPostBytes = 128 * 1024;
const maxBatchBytes = 8 * 1024 * 1024;

const ConnectionIds = Type.Array(Type.String({ maxLength: 128 }));
const PushBatchBody = Strict({
  posts: Type.Array(
    Type.Union([
      Strict({ connectionIds: ConnectionIds, text: Type.String({ maxLength: maxMessageBytes }) }),
      Strict({ connectionIds: ConnectionIds, end: ByeReason }),
    ]),
  ),
  events: Type.Array(
    Type.Union([
      Strict({ kind: Type.Literal("account"), userId: Id, plan: PlanName, role: Role }),
      Strict({ kind: Type.Literal("session-ended"), userId: Id, sessionId: Id }),
      Strict({
        kind: Type.Literal("places-revoked"),
        userId: Id,
        sessionIds: Type.Array(Id),
        version: Type.Integer(),
      }),
      Strict({ kind: Type.Literal("song-changed"), songId: Id, served: Type.Optional(Type.Boolean()) }),
    ]),
  ),
});
type PushBatchBody = Static<typeof PushBatchBody>;

type ById = { Params: { connectionId: string } };

/**
 * The private side of a node, on a listener of its own: API Gateway's `@connections`, one post for many connections,
 * and the metrics. Never public.
 */
export function createManagement({ hub, metrics, secret }: ManagementOptions): FastifyInstance {
  // Fastify's own choice is to drop what a schema does not know; here it is refused.
  const ajv = { customOptions: { removeAdditional: false, coerceTypes: false } } as const;
  const app = fastify({ bodyLimit: maxPostBytes, forceCloseConnections: true, ajv });
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));

  app.get("/metrics", async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.metrics();
  });
  app.register(async (connections) => {
    connections.addHook("onRequest", async (request, reply) => {
      if (!isSecret(secret, request.headers["x-encore-secret"]))
        return reply.code(403).send({ message: "Forbidden" });
    });
    connections.post<{ Body: PushBatchBody }>(
      "/@connections",
      { bodyLimit: maxBatchBytes, schema: { body: PushBatchBody } },
      async ({ body }) => hub.deliver(body),
    );
    addConnectionRoutes(connections, hub);
  });
  return app;
}

/** `POST`, `GET` and `DELETE /@connections/{connectionId}` (API Gateway developer guide, "@connections commands"). */
function addConnectionRoutes(app: FastifyInstance, hub: Hub): void {
  const path = "/@connections/:connectionId";
  app.addHook<ById>("preHandler", async ({ params }, reply) => {
    if (params.connectionId === undefined || hub.find(params.connectionId)) return;
    return reply.code(410).header("x-amzn-errortype", "GoneException").send({ message: "Gone" });
  });
  app.post<ById>(path, async ({ params, body }) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    hub.deliver({ posts: [{ connectionIds: [params.connectionId], text }], events: [] });
    return {};
  });
  app.get<ById>(path, async ({ params }) => ({ connectedAt: hub.find(params.connectionId)?.since }));
  app.delete<ById>(path, async ({ params }, reply) => {
    hub.deliver({ posts: [{ connectionIds: [params.connectionId], end: "kicked" }], events: [] });
    return reply.code(204).send();
  });
}
