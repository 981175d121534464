import { randomBytes } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBBatchResponse } from "aws-lambda";
import fastify from "fastify";
import type { Database } from "../../../core/aws/clients.ts";
import { createConnectionStore } from "../../../core/aws/connection-store.ts";
import { createEndpointStore } from "../../../core/aws/endpoint-store.ts";
import { connectionsApiFor } from "../../../core/aws/live-config.ts";
import { createSessionStore } from "../../../core/aws/session-store.ts";
import { createSubscriptionStore } from "../../../core/aws/subscription-store.ts";
import { physicalTableName, type TableName } from "../../../core/aws/tables.ts";
import { createTokenSigner, generateTokenKeys } from "../../../core/domain/accounts/tokens.ts";
import { type Head, headSortKey } from "../../../core/domain/subscriptions/head.ts";
import type { DeliveryOptions, StreamHandler } from "../../../infra/local/dynamodb/streams.ts";
import { localGatewayPath, startLocalGateway } from "../../../infra/local/gateway/local-gateway.ts";
import { restRoutes } from "../../../lambdas/routes/rest.ts";
import { webSocketRoutes } from "../../../lambdas/routes/websocket.ts";
import type { LiveNodeOptions } from "../../../server/live/node.ts";
import { startTestAws, type TestAws } from "../../support/engines.ts";
import { createListeners } from "../../support/listeners.ts";
import { allowedOrigin, systemClock } from "../../support/live-node.ts";
import { databaseOf } from "../../support/subscriptions.ts";
import type { Defence } from "../defences.ts";
import { type DynamoDbProxy, startDynamoDbProxy } from "./dynamodb-proxy.ts";
import { type Lambda, startLambda } from "./lambda.ts";
import type { FunctionName } from "./lambda-host.ts";
import { type ChaosNode, startNode } from "./node.ts";
import type { NodeSettings } from "./node-host.ts";
import { createRecorder } from "./recorder.ts";
import { createFaultyStream } from "./stream-faults.ts";

export type WorldOptions = {
  /** The defence that is switched off. */
  readonly off?: Defence | undefined;
  readonly nodes?: number;
  /** How the streams are delivered to the push function. */
  readonly delivery?: Partial<DeliveryOptions>;
};

export type World = Awaited<ReturnType<typeof startWorld>>;

/** Quick enough for thousands of schedules; what they stand for is a minute, not a second. */
const nodeOptions: LiveNodeOptions = {
  heartbeatSeconds: 5,
  tickMs: 50,
  slots: 40,
  turnsPerCheck: 1,
  slowTimeoutMs: 500,
  sweepMs: 500,
};
const gatewayHeartbeatSeconds = 5;

/** The processes of which each has a DynamoDB of its own to fail. */
export type ProcessName = "api" | "socket" | "push" | `node-${number}`;

/**
 * All that live sync is made of: server nodes and functions as processes of their own that can be killed, the
 * gateway's sockets, the streams between, and one DynamoDB, which each process reaches through a proxy that fails.
 */
export async function startWorld({ off, nodes: nodeCount = 2, delivery = {} }: WorldOptions = {}) {
  const closing: (() => Promise<unknown>)[] = [];
  const aws = await startTestAws();
  closing.push(aws.close);
  const database = databaseOf(aws);
  for (const songId of songIds) await putSong(database, songId);
  const keys = generateTokenKeys();
  const gateway = await startLocalGateway();
  closing.push(gateway.close);
  const env: Record<string, string> = {
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    TABLE_PREFIX: aws.tablePrefix,
    TOKEN_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
    ALLOWED_ORIGINS: allowedOrigin,
    MANAGEMENT_SECRET: randomBytes(16).toString("hex"),
    GATEWAY_MANAGEMENT_ENDPOINT: gateway.managementUrl,
  };

  const tables = new Map<ProcessName, DynamoDbProxy>();
  const withTable = async (name: ProcessName, kill: () => void) => {
    const proxy = await startDynamoDbProxy(aws.dynamodbEndpoint, kill);
    tables.set(name, proxy);
    closing.push(proxy.close);
    return { ...env, AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint };
  };

  const api = connectionsApiFor(env);
  const startFunctions = async (name: "api" | "socket" | "push"): Promise<Lambda> => {
    const settings = {
      env: await withTable(name, () => lambda.kill()),
      heartbeatSeconds: gatewayHeartbeatSeconds,
    };
    const lambda: Lambda = startLambda({ ...settings, ...(off && { off }) });
    closing.push(lambda.close);
    return lambda;
  };
  const lambdas = {
    api: await startFunctions("api"),
    socket: await startFunctions("socket"),
    push: await startFunctions("push"),
  };

  const startOne = async (name: ProcessName): Promise<ChaosNode> => {
    const settings = { env: await withTable(name, () => void node.kill()), options: nodeOptions };
    const node: ChaosNode = startNode(new URL("./node-host.ts", import.meta.url), {
      ...settings,
      ...(off && { off }),
    } satisfies NodeSettings);
    closing.push(node.close);
    return node;
  };
  const nodes: ChaosNode[] = [];
  for (let at = 0; at < nodeCount; at++) nodes.push(await startOne(`node-${at}`));
  await Promise.all(nodes.map((node) => node.ready()));

  const call = (lambda: Lambda, name: FunctionName) => (event: unknown) => lambda.invoke<never>(name, event);
  const app = fastify();
  app.register(
    gateway.plugin({
      http: restRoutes
        .filter(({ area }) => area === "subscriptions")
        .map(({ method, path }) => ({ method, path, handler: call(lambdas.api, "subscriptions") })),
      webSocket: {
        authorizer: call(lambdas.socket, "authorizer"),
        routes: Object.fromEntries(webSocketRoutes.map((route) => [route, call(lambdas.socket, "socket")])),
        routeSelectionKey: "$request.body.type",
      },
    }),
  );
  const gatewayUrl = await app.listen({ host: "127.0.0.1", port: 0 });
  closing.push(() => app.close());

  const stream = createFaultyStream();
  const recorder = createRecorder();
  const pushed = new Set<string>();
  const push: StreamHandler = async (event) => {
    try {
      return await lambdas.push.invoke<DynamoDBBatchResponse>("push", event);
    } finally {
      for (const { dynamodb } of event.Records)
        pushed.add(nameOf(dynamodb?.NewImage?.userId?.S, dynamodb?.NewImage?.headRevision?.N));
    }
  };
  closing.push(connectStreams(aws, recorder.record, push, { ...delivery, faults: stream.show }));
  const endpoints = createEndpointStore(database);

  let turn = 0;
  return {
    aws,
    database,
    lambdas,
    nodes,
    stream,
    recorder,
    tables,
    env,
    endpoints,
    subscriptions: createSubscriptionStore(database),
    connections: createConnectionStore(database, systemClock),
    sessions: createSessionStore(database),
    ...createListeners(database, createTokenSigner(keys, systemClock)),
    gatewayPath: localGatewayPath,
    gatewayPort: () => Number(new URL(gatewayUrl).port),
    /** As a load balancer has it: one of the nodes that listen. */
    nodePort(): number | undefined {
      const ports = nodes.flatMap((node) => node.port() ?? []);
      return ports[turn++ % ports.length];
    },
    /** Pushes to one connection of a node, as often as it is told. */
    async post(endpointId: string, connectionId: string, text: string, times: number): Promise<void> {
      const endpoint = (await endpoints.list()).find((found) => found.endpointId === endpointId);
      const posts = Array.from({ length: times }, () => ({ connectionIds: [connectionId], text }));
      if (endpoint) await api.deliver(endpoint, { posts, events: [] });
    },
    /** Whether the push function was called for this revision and is done, well or badly. */
    pushed: (userId: string, revision: number) => pushed.has(nameOf(userId, String(revision))),
    /** What the living nodes count under this name, all together. */
    async metric(name: string): Promise<number> {
      let sum = 0;
      for (const { address } of await endpoints.list()) {
        const text = await fetch(`${address}/metrics`).then(
          (answer) => answer.text(),
          () => "",
        );
        const line = text.split("\n").find((one) => one.startsWith(`${name} `));
        sum += Number(line?.slice(name.length) ?? 0);
      }
      return sum;
    },
    /** Puts a head where there is none, as a restore from a backup does. */
    restore: (head: Head) =>
      database.client.send(
        new PutCommand({ TableName: database.table("subscription"), Item: { ...head, sk: headSortKey } }),
      ),
    /** All processes see a good DynamoDB again. */
    heal(): void {
      for (const table of tables.values()) table.heal();
      stream.heal();
    },
    async close(): Promise<void> {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}

/** Songs to subscribe to, one with a name that plain objects choke on. */
export const songIds = ["__proto__", "song-1", "song-2", "song-3", "song-4"] as const;

const putSong = ({ client, table }: Database, songId: string) =>
  client.send(new PutCommand({ TableName: table("music"), Item: { songId, kind: "song", title: songId } }));

const nameOf = (userId = "", revision = ""): string => `${userId} ${revision}`;

const streamed: readonly TableName[] = ["subscription", "login", "session", "connection"];

function connectStreams(
  aws: TestAws,
  record: StreamHandler,
  push: StreamHandler,
  delivery: Partial<DeliveryOptions>,
): () => Promise<void> {
  const table = (name: TableName) => physicalTableName(aws.tablePrefix, name);
  const options = { consumer: "push", backoffMs: 20, maximumRetryAttempts: 20, ...delivery };
  const subscriptions = [
    ...streamed.map((name) => aws.streams.subscribe(table(name), push, options)),
    aws.streams.subscribe(table("subscription"), record, { consumer: "recorder" }),
  ];
  return async () => {
    await Promise.all(subscriptions.map(({ stop }) => stop()));
  };
}
