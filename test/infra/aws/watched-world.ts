import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import { createDatabase } from "../../../core/aws/clients.ts";
import { dynamoDbConfig } from "../../../core/aws/config.ts";
import { physicalTableName } from "../../../core/aws/tables.ts";
import { tokenEnvironment } from "../../../core/domain/accounts/config.ts";
import { createPasswordHasher } from "../../../core/domain/accounts/passwords.ts";
import { generateTokenKeys } from "../../../core/domain/accounts/tokens.ts";
import { accessOf, nodeAccess } from "../../../infra/aws/access.ts";
import { type FunctionName, functionNames } from "../../../infra/aws/bundle.ts";
import { processUploads } from "../../../infra/local/functions.ts";
import { startLocalGateway } from "../../../infra/local/gateway/local-gateway.ts";
import { createAuthHandler } from "../../../lambdas/auth.ts";
import { createCatalogueHandler } from "../../../lambdas/catalogue.ts";
import { createCoversHandler } from "../../../lambdas/covers.ts";
import { authDeps } from "../../../lambdas/deps/auth.ts";
import { catalogueDeps } from "../../../lambdas/deps/catalogue.ts";
import { coversDeps } from "../../../lambdas/deps/covers.ts";
import { docsDeps } from "../../../lambdas/deps/docs.ts";
import { indexMusicDeps } from "../../../lambdas/deps/index-music.ts";
import { liveDeps } from "../../../lambdas/deps/live.ts";
import { opsDeps } from "../../../lambdas/deps/ops.ts";
import { pushDeps } from "../../../lambdas/deps/push.ts";
import { socketDeps } from "../../../lambdas/deps/socket.ts";
import { socketAuthorizerDeps } from "../../../lambdas/deps/socket-authorizer.ts";
import { subscriptionsDeps } from "../../../lambdas/deps/subscriptions.ts";
import { sweepObjectsDeps } from "../../../lambdas/deps/sweep-objects.ts";
import { uploadsDeps } from "../../../lambdas/deps/uploads.ts";
import { createDocsHandler } from "../../../lambdas/docs.ts";
import { createIndexMusicHandler } from "../../../lambdas/index-music.ts";
import { createLiveHandler } from "../../../lambdas/live.ts";
import { createOpsHandler } from "../../../lambdas/ops.ts";
import { createPushHandler } from "../../../lambdas/push.ts";
import { restRoutes } from "../../../lambdas/routes/rest.ts";
import type { Area } from "../../../lambdas/routes/route.ts";
import { webSocketRoutes } from "../../../lambdas/routes/websocket.ts";
import { createSubscriptionsHandler } from "../../../lambdas/subscriptions.ts";
import { createSweepObjectsHandler } from "../../../lambdas/sweep-objects.ts";
import { createUploadsHandler } from "../../../lambdas/uploads.ts";
import { createSocketHandler } from "../../../lambdas/websocket/socket.ts";
import { createSocketAuthorizer } from "../../../lambdas/websocket/socket-authorizer.ts";
import { startServer } from "../../../server/start.ts";
import { fastScrypt, testDatabase } from "../../support/accounts.ts";
import { startTestAws } from "../../support/engines.ts";
import { grantsIn } from "./grants.ts";
import { type Watch, watchAws } from "./watch.ts";

export type Watched = FunctionName | "node";
export type WatchedWorld = Awaited<ReturnType<typeof startWatchedWorld>>;

/** Every function and one node, each with an AWS of its own that lets it do what its access says. */
export async function startWatchedWorld() {
  const aws = await startTestAws();
  const accesses = { ...accessOf, node: nodeAccess };
  const started = await Promise.all(
    ([...functionNames, "node"] as const).map(
      async (name) => [name, await watchAws(aws, new Set(grantsIn(accesses[name])))] as const,
    ),
  );
  const watches = Object.fromEntries(started) as Record<Watched, Watch>;
  const gateway = await startLocalGateway();
  const common = {
    ...tokenEnvironment(generateTokenKeys()),
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    TABLE_PREFIX: aws.tablePrefix,
    MUSIC_BUCKET: aws.bucket,
    ALLOWED_ORIGINS: "http://127.0.0.1",
    MANAGEMENT_SECRET: "0123456789abcdef0123456789abcdef",
    GATEWAY_MANAGEMENT_ENDPOINT: gateway.managementUrl,
    LOG_LEVEL: "silent",
  };
  const env = (name: Watched) => ({ ...common, ...watches[name].env });

  const rest: Record<Area, Parameters<typeof gateway.plugin>[0]["http"][number]["handler"]> = {
    auth: createAuthHandler({
      ...authDeps(env("auth")),
      passwords: createPasswordHasher(fastScrypt),
    }),
    catalogue: createCatalogueHandler(catalogueDeps(env("catalogue"))),
    subscriptions: createSubscriptionsHandler(subscriptionsDeps(env("subscriptions"))),
    uploads: createUploadsHandler(uploadsDeps(env("uploads"))),
    covers: createCoversHandler(coversDeps(env("covers"))),
    live: createLiveHandler(liveDeps(env("live"))),
    ops: createOpsHandler(opsDeps(env("ops"))),
    docs: createDocsHandler(docsDeps(env("docs"))),
  };
  const socket = createSocketHandler(socketDeps(env("socket")));
  const app = Fastify();
  app.register(
    gateway.plugin({
      http: restRoutes.map(({ method, path, area }) => ({ method, path, handler: rest[area] })),
      webSocket: {
        authorizer: createSocketAuthorizer(socketAuthorizerDeps(env("socket-authorizer"))),
        routes: Object.fromEntries(webSocketRoutes.map((route) => [route, socket])),
        routeSelectionKey: "$request.body.type",
      },
    }),
  );
  const url = await app.listen({ host: "127.0.0.1", port: 0 });

  const push = createPushHandler(pushDeps(env("push")));
  const table = (name: Parameters<typeof physicalTableName>[1]) => physicalTableName(aws.tablePrefix, name);
  const streams = [
    ...(["subscription", "login", "session", "connection", "music", "upload"] as const).map((name) =>
      aws.streams.subscribe(table(name), push, { consumer: "push" }),
    ),
    aws.streams.subscribe(table("music"), createIndexMusicHandler(indexMusicDeps(env("index-music")))),
    processUploads(env("process-uploads"), aws.streams, table("upload")),
  ];
  const player = await mkdtemp(join(tmpdir(), "encore-player-"));
  await mkdir(join(player, "assets"));
  await writeFile(join(player, "index.html"), "<!doctype html>");
  const node = await startServer({ ...env("node"), PORT: "0", CLIENT_FOLDER: player });
  const nodeDatabase = createDatabase(aws.tablePrefix, dynamoDbConfig(env("node")));

  const sweepObjects = (now: Date) =>
    createSweepObjectsHandler({
      ...sweepObjectsDeps(env("sweep-objects")),
      clock: { now: () => now },
    })();

  return {
    aws,
    watches,
    url,
    node,
    sweepObjects,
    /** Past every watch. */
    database: testDatabase(aws),
    /** As the node. */
    nodeDatabase,
    async close() {
      await node.close();
      await app.close();
      await Promise.all(streams.map((stream) => stream.stop()));
      await gateway.close();
      await Promise.all(Object.values(watches).map((watch) => watch.close()));
      await aws.close();
      await rm(player, { recursive: true });
    },
  };
}
