import fp from "fastify-plugin";
import { buildClient } from "../../client/build.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { startServer } from "../../server/start.ts";
import { addressEnvironment, chooseAddress, oneHostName } from "./address.ts";
import { assertNoRestoreWasCut } from "./backup/put-in-place.ts";
import { startControl } from "./control.ts";
import { prepareDataDir } from "./data-dir.ts";
import { seedDemoAccounts } from "./demo/accounts.ts";
import { type DemoLibraryOptions, seedDemoLibrary } from "./demo/library.ts";
import { type Engines, startEngines } from "./engines.ts";
import { connectStreams, httpApiRoutes, startSchedules, webSocketFunctions } from "./functions.ts";
import { gatewayPath, startLocalGateway } from "./gateway/local-gateway.ts";
import { partsEnvironment, publicParts } from "./public-parts.ts";
import { watchTables } from "./rollback.ts";
import { announceRunning } from "./running.ts";
import { readSecrets } from "./secrets.ts";

export type StartOptions = {
  readonly env: Environment;
  readonly onDemoTrack?: (done: number, total: number, title: string) => void;
  /** Ends a start that is still under way; what has been started by then is ended again. */
  readonly signal?: AbortSignal;
  /** How many tracks of the demo library to make; all by default. */
  readonly demoTracks?: number;
};

export type Encore = {
  /** Where the player is, like `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly managementUrl: string;
  /** Whether the demo accounts are there. */
  readonly demo: boolean;
  /** The environment that its parts were given. */
  readonly env: Environment;
  close(): Promise<void>;
};

/**
 * All of Encore in this process: the engines unless others are named, both gateways with every function behind them,
 * the streams between, and one server node.
 * @throws DataDirError; Error with `code` EADDRINUSE for a port that is taken
 */
export async function startEncore(options: StartOptions): Promise<Encore> {
  const { signal = new AbortController().signal } = options;
  const stops: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    return { ...(await start({ ...options, signal }, (stop) => stops.push(stop))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  { env: given, onDemoTrack = () => {}, signal, demoTracks }: StartOptions & { signal: AbortSignal },
  onClose: (stop: () => Promise<unknown>) => void,
): Promise<Omit<Encore, "close">> {
  await assertNoRestoreWasCut(given.DATA_DIR ?? ".data");
  const dataDir = await prepareDataDir(given.DATA_DIR ?? ".data");
  onClose(dataDir.release);
  const clientFolder = dataDir.file("client");
  const [engines, secrets, address] = await Promise.all([
    startEngines(given, dataDir),
    readSecrets(dataDir.file("secrets.json")),
    chooseAddress(given),
    buildClient({ outDir: clientFolder }),
  ]);
  onClose(engines.close);
  onClose(await watchTables(engines, dataDir));
  const gateway = await startLocalGateway();
  onClose(gateway.close);
  const env: Environment = {
    LOG_LEVEL: "warn",
    ...addressEnvironment(address),
    ...secrets,
    ...engines.env,
    PORT: String(address.port),
    CLIENT_FOLDER: clientFolder,
    GATEWAY_MANAGEMENT_ENDPOINT: gateway.managementUrl,
  };
  const streams = connectStreams(env, engines.streams);
  onClose(streams.stop);

  // Known passwords are for nobody but the person at this machine.
  const demo = engines.embedded && address.isLoopback;
  if (demo) await seedDemo({ env, dataDir, signal, onProgress: onDemoTrack, only: demoTracks });
  signal.throwIfAborted();
  const schedules = startSchedules(env);
  onClose(schedules.stop);
  const { parts } = engines;
  const restEnv = { ...env, ...(parts && partsEnvironment(address)) };
  const apis = gateway.plugin({ http: httpApiRoutes(restEnv), webSocket: webSocketFunctions(env) });
  const beside = fp(async (fastify) => {
    await fastify.register(oneHostName(address));
    await fastify.register(apis);
    if (parts) await fastify.register(publicParts(parts, address));
  });
  const server = await startServer(env, {
    plugin: beside,
    socketPaths: [gatewayPath],
    ready: writable(engines),
  });
  onClose(server.close);
  const { managementUrl } = server;
  const control = await startControl(engines.rows, env.MANAGEMENT_SECRET);
  onClose(control.close);
  const places = { url: address.publicUrl, managementUrl, controlUrl: control.endpoint };
  const { embedded } = engines;
  onClose(await announceRunning(dataDir.file, { ...places, embedded, env, given }));
  return { url: address.publicUrl, managementUrl, demo, env };
}

async function seedDemo(options: Omit<DemoLibraryOptions, "curator">): Promise<void> {
  const accounts = await seedDemoAccounts(options.env);
  const curator = accounts.find(({ role }) => role === "curator");
  if (curator) await seedDemoLibrary({ ...options, curator });
}

/** A node whose data cannot be written takes no listeners. */
const writable =
  ({ refusal }: Engines) =>
  async (): Promise<void> => {
    const reason = refusal();
    if (reason !== undefined)
      throw new DomainError("unavailable", `Nothing can be stored just now: ${reason}`);
  };
