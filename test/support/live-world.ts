import { randomBytes } from "node:crypto";
import fastify from "fastify";
import { createAccountStore } from "../../core/aws/account-store.ts";
import { createConnectionStore } from "../../core/aws/connection-store.ts";
import { createEndpointStore } from "../../core/aws/endpoint-store.ts";
import { createPlaybackStore } from "../../core/aws/playback-store.ts";
import { createSessionStore } from "../../core/aws/session-store.ts";
import { physicalTableName, type TableName } from "../../core/aws/tables.ts";
import { createTicketStore } from "../../core/aws/ticket-store.ts";
import { createTicket } from "../../core/domain/accounts/tickets.ts";
import { createTokenSigner, generateTokenKeys } from "../../core/domain/accounts/tokens.ts";
import type { Actor } from "../../core/domain/actor.ts";
import { putSubscription } from "../../core/domain/subscriptions/write.ts";
import type { SubscribeOptions } from "../../infra/local/dynamodb/streams.ts";
import { connectionsApi } from "../../infra/local/gateway/connections-api.ts";
import { webSocketGateway } from "../../infra/local/gateway/websocket-api.ts";
import { pushDeps } from "../../lambdas/deps/push.ts";
import { socketDeps } from "../../lambdas/deps/socket.ts";
import { socketAuthorizerDeps } from "../../lambdas/deps/socket-authorizer.ts";
import { createPushHandler, type PushHandlerDeps } from "../../lambdas/push.ts";
import { webSocketRoutes } from "../../lambdas/routes/websocket.ts";
import { createSocketHandler } from "../../lambdas/websocket/socket.ts";
import { createSocketAuthorizer } from "../../lambdas/websocket/socket-authorizer.ts";
import { upgradesOnlyAt } from "../../server/upgrades.ts";
import { startTestAws, type TestAwsOptions } from "./engines.ts";
import { createListeners, type TestUser } from "./listeners.ts";
import { allowedOrigin, silent, startLiveNode, systemClock, type TestNodeOptions } from "./live-node.ts";
import { databaseOf, subscriptionDeps } from "./subscriptions.ts";

export { allowedOrigin, type TestUser };
export type LiveWorld = Awaited<ReturnType<typeof startLiveWorld>>;
export type TestNode = Awaited<ReturnType<LiveWorld["startNode"]>>;

/** Both live endpoints and the push between them, on real engines and real sockets. */
export async function startLiveWorld(streamOptions: SubscribeOptions = {}, engines: TestAwsOptions = {}) {
  const aws = await startTestAws(engines);
  const database = databaseOf(aws);
  const keys = generateTokenKeys();
  const signer = createTokenSigner(keys, systemClock);
  const secret = randomBytes(16).toString("hex");
  const env: Record<string, string> = {
    AWS_ENDPOINT_URL_DYNAMODB: aws.dynamodbEndpoint,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    TABLE_PREFIX: aws.tablePrefix,
    TOKEN_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
    ALLOWED_ORIGINS: allowedOrigin,
    MANAGEMENT_SECRET: secret,
  };
  const closing: (() => Promise<unknown>)[] = [() => aws.close()];

  const gatewayConnections = new Map();
  const gatewayManagement = fastify();
  gatewayManagement.register(connectionsApi, { connections: gatewayConnections });
  env.GATEWAY_MANAGEMENT_ENDPOINT = await gatewayManagement.listen({ host: "127.0.0.1", port: 0 });
  const socket = createSocketHandler({ ...socketDeps(env), log: silent });
  const gateway = fastify({ http: upgradesOnlyAt(["/gateway"]) });
  gateway.register(webSocketGateway, {
    path: "/gateway",
    routeSelectionKey: "$request.body.type",
    authorizer: createSocketAuthorizer(socketAuthorizerDeps(env)),
    connections: gatewayConnections,
    routes: Object.fromEntries(webSocketRoutes.map((route) => [route, socket])),
  });
  const gatewayUrl = `${(await gateway.listen({ host: "127.0.0.1", port: 0 })).replace("http", "ws")}/gateway`;
  closing.push(async () => {
    await gateway.close();
    await gatewayManagement.close();
  });

  const pushes: PushHandlerDeps = { ...pushDeps(env), log: silent };
  const handler = createPushHandler(pushes);
  const streamed: TableName[] = ["subscription", "login", "session", "connection", "music"];
  const subscriptions = streamed.map((name) =>
    aws.streams.subscribe(physicalTableName(aws.tablePrefix, name), handler, streamOptions),
  );
  closing.push(() => Promise.all(subscriptions.map((subscription) => subscription.stop())));

  const accounts = createAccountStore(database);
  const sessions = createSessionStore(database);
  const tickets = { tickets: createTicketStore(database), sessions, clock: systemClock };
  const connections = createConnectionStore(database, systemClock);
  const endpoints = createEndpointStore(database);
  const playback = createPlaybackStore(database);
  const writing = { ...subscriptionDeps(database), clock: systemClock };

  const { newSession, newUser } = createListeners(database, signer);

  return {
    aws,
    database,
    env,
    gatewayUrl,
    gatewayConnections,
    secret,
    pushes,
    accounts,
    sessions,
    connections,
    endpoints,
    playback,
    writing,
    newSession,
    newUser,
    handler,

    newTicket: async (user: Actor) => (await createTicket(tickets, user)).ticket,
    subscribe: (user: Actor, songId: string, rating = 3) =>
      putSubscription(writing, user, { songId, rating }),

    /** A server node; `options` are its live side's. */
    async startNode(options: Partial<TestNodeOptions> = {}) {
      const node = await startLiveNode({ database, tokens: signer, secret, ...options });
      closing.push(node.stop);
      return node;
    },

    async close() {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}
