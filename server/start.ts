import Fastify, { type FastifyInstance, type FastifyPluginAsync } from "fastify";
import { readManagementSecret } from "../core/aws/live-config.ts";
import type { Environment } from "../core/domain/ports.ts";
import { app } from "./app.ts";
import { closeConnections } from "./close-connections.ts";
import { readServerConfig } from "./config.ts";
import { serverDeps } from "./deps/node.ts";
import { explainListenError, type ListenVariables } from "./listen-error.ts";
import { createMetrics } from "./live/metrics.ts";
import { createManagement } from "./management.ts";
import { serverOptions } from "./server-options.ts";

export type RunningServer = {
  /** Where the public side listens, like `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly managementUrl: string;
  /** Drains: live connections are sent elsewhere, what flows ends, and the process leaves the registry. */
  close(): Promise<void>;
};

/** More to serve on the public listener (a laptop's API Gateway). */
export type Sibling = {
  readonly plugin: FastifyPluginAsync;
  /** Where it takes WebSockets. */
  readonly socketPaths: readonly string[];
  /** Rejects while it cannot serve; the node is not ready then. */
  readonly ready?: () => Promise<void>;
};

/**
 * A node: its private management listener first, then its place in the registry, then the public listener.
 * @throws Error for a variable that cannot be used, or for a place where nothing can listen; each says what to do
 */
export async function startServer(env: Environment, sibling?: Sibling): Promise<RunningServer> {
  const config = readServerConfig(env);
  const fastify: FastifyInstance = Fastify({
    ...serverOptions(config.logLevel, sibling?.socketPaths),
    ...(config.trustedProxies.length > 0 && { trustProxy: [...config.trustedProxies] }),
  });
  closeConnections(fastify);
  const { app: options, live } = await serverDeps(env, config, fastify.log);
  const management = createManagement({
    hub: live.hub,
    metrics: createMetrics(live.hub),
    secret: readManagementSecret(env),
  });
  const started: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    started.push(() => management.close());
    const managementUrl = await listen(
      management,
      // Each of several workers is reached by itself.
      { host: config.managementHost, port: config.managementPort, exclusive: true },
      { host: "MANAGEMENT_HOST", port: "MANAGEMENT_PORT" },
    );
    await live.start(config.managementAddress ?? managementUrl);
    started.push(() => live.stop());
    if (sibling) fastify.register(sibling.plugin);
    fastify.register(app, { ...options, ready: readyTogether(options.ready, sibling?.ready) });
    started.push(() => fastify.close());
    const url = await listen(
      fastify,
      { host: config.host, port: config.port },
      { host: "HOST", port: "PORT" },
    );
    return { url, managementUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the sibling cannot do says more than what the node cannot do without it. */
const readyTogether =
  (own: () => Promise<void>, sibling: () => Promise<void> = async () => {}) =>
  async (): Promise<void> => {
    await sibling();
    await own();
  };

type Place = { readonly host: string; readonly port: number; readonly exclusive?: boolean };

async function listen(server: FastifyInstance, place: Place, names: ListenVariables): Promise<string> {
  try {
    return await server.listen(place);
  } catch (error) {
    throw explainListenError(error, place, names);
  }
}
