import { readAwsConfig } from "../../core/aws/config.ts";
import { physicalTableName, type TableName } from "../../core/aws/tables.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { maxAttempts } from "../../core/domain/uploads/process.ts";
import { createAuthHandler } from "../../lambdas/auth.ts";
import { createCatalogueHandler } from "../../lambdas/catalogue.ts";
import { createCoversHandler } from "../../lambdas/covers.ts";
import { authDeps } from "../../lambdas/deps/auth.ts";
import { catalogueDeps } from "../../lambdas/deps/catalogue.ts";
import { coversDeps } from "../../lambdas/deps/covers.ts";
import { docsDeps } from "../../lambdas/deps/docs.ts";
import { indexMusicDeps } from "../../lambdas/deps/index-music.ts";
import { liveDeps } from "../../lambdas/deps/live.ts";
import { opsDeps } from "../../lambdas/deps/ops.ts";
import { processUploadsDeps } from "../../lambdas/deps/process-uploads.ts";
import { pushDeps } from "../../lambdas/deps/push.ts";
import { socketDeps } from "../../lambdas/deps/socket.ts";
import { socketAuthorizerDeps } from "../../lambdas/deps/socket-authorizer.ts";
import { subscriptionsDeps } from "../../lambdas/deps/subscriptions.ts";
import { sweepObjectsDeps } from "../../lambdas/deps/sweep-objects.ts";
import { uploadsDeps } from "../../lambdas/deps/uploads.ts";
import { createDocsHandler } from "../../lambdas/docs.ts";
import type { HttpHandler } from "../../lambdas/http/handler.ts";
import { createIndexMusicHandler } from "../../lambdas/index-music.ts";
import { createLiveHandler } from "../../lambdas/live.ts";
import { createOpsHandler } from "../../lambdas/ops.ts";
import { createProcessUploadsHandler } from "../../lambdas/process-uploads.ts";
import { createPushHandler } from "../../lambdas/push.ts";
import { restFallback, restRoutes } from "../../lambdas/routes/rest.ts";
import type { Area } from "../../lambdas/routes/route.ts";
import { webSocketRoutes } from "../../lambdas/routes/websocket.ts";
import { createSubscriptionsHandler } from "../../lambdas/subscriptions.ts";
import { createSweepObjectsHandler } from "../../lambdas/sweep-objects.ts";
import { createUploadsHandler } from "../../lambdas/uploads.ts";
import { createSocketHandler } from "../../lambdas/websocket/socket.ts";
import { createSocketAuthorizer } from "../../lambdas/websocket/socket-authorizer.ts";
import type { DataDir } from "./data-dir.ts";
import type { StreamSubscription, Streams } from "./dynamodb/streams.ts";
import type { HttpApiRoute } from "./gateway/http-api.ts";
import { keptObjectsFile } from "./kept-objects.ts";

/** The Lambda function of each area of the REST API, as routes of an HTTP API. */
export function httpApiRoutes(env: Environment): HttpApiRoute[] {
  const functions: Record<Area, HttpHandler> = {
    auth: createAuthHandler(authDeps(env)),
    catalogue: createCatalogueHandler(catalogueDeps(env)),
    subscriptions: createSubscriptionsHandler(subscriptionsDeps(env)),
    uploads: createUploadsHandler(uploadsDeps(env)),
    covers: createCoversHandler(coversDeps(env)),
    live: createLiveHandler(liveDeps(env)),
    ops: createOpsHandler(opsDeps(env)),
    docs: createDocsHandler(docsDeps(env)),
  };
  return [...restRoutes, restFallback].map(({ method, path, area }) => ({
    method,
    path,
    handler: functions[area],
  }));
}

/** The Lambda functions of the WebSocket API. */
export function webSocketFunctions(env: Environment) {
  const socket = createSocketHandler(socketDeps(env));
  return {
    authorizer: createSocketAuthorizer(socketAuthorizerDeps(env)),
    routes: Object.fromEntries(webSocketRoutes.map((route) => [route, socket])),
    routeSelectionKey: "$request.body.type",
  };
}

const pushed: readonly TableName[] = ["subscription", "login", "session", "connection", "music", "upload"];

const dayMs = 86_400_000;

/** What EventBridge invokes in AWS once a day; here at the start as well, since a laptop seldom runs for a day. */
export function startSchedules(env: Environment, dataDir: Pick<DataDir, "file">): StreamSubscription {
  const sweep = sweepObjectsDeps(env);
  const handler = createSweepObjectsHandler(sweep);
  let running = Promise.resolve();
  const sweepUnlessKept = async () => {
    const kept = await keptObjectsFile(dataDir);
    if (kept) sweep.log.warn({ file: kept }, "Objects that no song has are kept while this file is there");
    else await handler();
  };
  const run = () => {
    running = sweepUnlessKept().catch((err) =>
      sweep.log.warn({ err }, "Objects that no song has could not be swept"),
    );
  };
  run();
  const timer = setInterval(run, dayMs).unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** Its stop does not wait for what is being looked into: that is processed again at the next start. */
export function processUploads(env: Environment, streams: Streams, uploadTable: string): StreamSubscription {
  const processing = processUploadsDeps(env);
  const subscription = streams.subscribe(uploadTable, createProcessUploadsHandler(processing), {
    consumer: "process-uploads",
    batchSize: 10,
    maximumRetryAttempts: maxAttempts + 1,
  });
  return {
    async stop() {
      const stopped = subscription.stop();
      await processing.close();
      await stopped;
    },
  };
}

/** Lets the tables' streams invoke their functions, as the event source mappings do in AWS. @returns the undo */
export function connectStreams(env: Environment, streams: Streams): StreamSubscription {
  const { tablePrefix } = readAwsConfig(env);
  const table = (name: TableName) => physicalTableName(tablePrefix, name);
  const push = createPushHandler(pushDeps(env));
  const subscriptions = [
    ...pushed.map((name) => streams.subscribe(table(name), push, { consumer: "push" })),
    streams.subscribe(table("music"), createIndexMusicHandler(indexMusicDeps(env)), {
      consumer: "index-music",
    }),
    processUploads(env, streams, table("upload")),
  ];
  return {
    stop: async () => {
      await Promise.all(subscriptions.map((subscription) => subscription.stop()));
    },
  };
}
