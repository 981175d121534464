import type { FastifyPluginAsync, FastifyReply } from "fastify";
import { newId } from "./request-facts.ts";
import {
  type Connections,
  closures,
  type GatewayConnection,
  webSocketLimits,
} from "./websocket-connection.ts";

export type ConnectionsApiOptions = {
  /** The same map that `webSocketGateway` fills. */
  readonly connections: Connections;
};

type Target = { Params: { connectionId: string } };

/**
 * The management API that `ApiGatewayManagementApiClient` calls. Signatures are not checked: listen on loopback
 * only. To a connection whose `$connect` still runs it says 410, as AWS does: it is not established yet.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
export const connectionsApi: FastifyPluginAsync<ConnectionsApiOptions> = async (fastify, { connections }) => {
  const url = "/@connections/:connectionId";
  const find = ({ connectionId }: Target["Params"]): GatewayConnection | undefined =>
    connections.get(connectionId);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));
  fastify.addHook("onRequest", async (_, reply) => {
    reply.header("x-amzn-requestid", newId());
  });
  fastify.setErrorHandler<{ statusCode?: number }>((error, request, reply) => {
    if (error.statusCode === 413) return refuse(reply, "PayloadTooLargeException");
    request.log.error({ err: error }, "The management API failed");
    return refuse(reply, "InternalServerException");
  });

  fastify.post<Target>(url, { bodyLimit: webSocketLimits.messageBytes }, async ({ params, body }, reply) => {
    const text = Buffer.isBuffer(body) ? body.toString() : "";
    const outcome = find(params)?.post(text) ?? "gone";
    return outcome === "posted" ? reply.send() : refuse(reply, exceptionOf[outcome]);
  });
  fastify.get<Target>(url, { exposeHeadRoute: false }, async ({ params }, reply) => {
    const connection = find(params);
    return connection ? reply.send(describe(connection)) : refuse(reply, "GoneException");
  });
  fastify.delete<Target>(url, async ({ params }, reply) => {
    const connection = find(params);
    if (!connection) return refuse(reply, "GoneException");
    connection.close(closures.normal);
    return reply.code(204).send();
  });
};

const describe = ({ facts, lastActiveAt }: GatewayConnection) => ({
  connectedAt: facts.connectedAt.toISOString(),
  identity: facts.identity,
  lastActiveAt: lastActiveAt().toISOString(),
});

/** The client knows an error by its name in `x-amzn-errortype`. */
const statusOf = {
  GoneException: 410,
  PayloadTooLargeException: 413,
  LimitExceededException: 429,
  InternalServerException: 500,
};
const exceptionOf = { gone: "GoneException", "buffer-full": "LimitExceededException" } as const;

const refuse = (reply: FastifyReply, exception: keyof typeof statusOf): FastifyReply =>
  reply.code(statusOf[exception]).header("x-amzn-errortype", exception).send({ message: exception });
