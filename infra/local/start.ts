import fp from "fastify-plugin";
import { buildClient } from "../../client/build.ts";
import type { Database } from "../../core/aws/clients.ts";
import { migrateSongs, songsAreMigrated } from "../../core/aws/migrate-songs.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { databaseFor } from "../../lambdas/deps/stores.ts";
import { startServer } from "../../server/start.ts";
import { addressEnvironment, chooseAddress, describeRisks, oneHostName } from "./address.ts";
import { assertNoRestoreWasCut } from "./backup/put-in-place.ts";
import { startControl } from "./control.ts";
import { prepareDataDir } from "./data-dir.ts";
import { describeDemoAccounts, lockDemoAccounts, seedDemoAccounts } from "./demo/accounts.ts";
import { type DemoLibraryOptions, seedDemoLibrary } from "./demo/library.ts";
import { type Engines, startEngines } from "./engines.ts";
import { withoutEmpty } from "./environment.ts";
import { connectStreams, httpApiRoutes, startSchedules, webSocketFunctions } from "./functions.ts";
import { localGatewayPath, startLocalGateway } from "./gateway/local-gateway.ts";
import { partsEnvironment, publicParts } from "./public-parts.ts";
import { watchTables } from "./rollback.ts";
import { announceRunning } from "./running.ts";
import { readSecrets } from "./secrets.ts";
import { createShutdown, type Shutdown } from "./shutdown.ts";
import { thisMachineOnly } from "./this-machine-only.ts";
import { within } from "./time-limit.ts";

export type StartOptions = {
  readonly env: Environment;
  readonly onDemoTrack?: (done: number, total: number, title: string) => void;
  /** Called for each song that an earlier Encore wrote, with how many were brought to this version so far. */
  readonly onSongMigrated?: (done: number) => void;
  /** Ends a start that is still under way; what has been started by then is ended again. */
  readonly signal?: AbortSignal;
  /** How many tracks of the demo library to make; all by default. */
  readonly demoTracks?: number;
  /** How long each part may take to end before it is left to itself. */
  readonly stopSeconds?: number;
};

export type Encore = {
  /** Where the player is, like `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly managementUrl: string;
  /** Whether the demo accounts are there. */
  readonly demo: boolean;
  /** The demo accounts, each in words with its password. */
  readonly demoAccounts: readonly string[];
  /** What its owner should know, in sentences. */
  readonly warnings: readonly string[];
  /** The environment that its parts were given. */
  readonly env: Environment;
  /** @throws Error that names what did not end in time */
  close(): Promise<void>;
};

/**
 * All of Encore in this process: the engines unless others are named, both gateways with every function behind them,
 * the streams between, and one server node.
 * @throws DataDirError; Error that says what cannot be used, or what did not get ready in time
 */
export async function startEncore(options: StartOptions): Promise<Encore> {
  const { signal = new AbortController().signal, stopSeconds = 15 } = options;
  const shutdown = createShutdown(stopSeconds);
  try {
    return { ...(await start({ ...options, signal }, shutdown.add)), close: shutdown.run };
  } catch (error) {
    // Why it did not start says more than what could not be ended after that.
    await shutdown.run().catch(() => {});
    throw error;
  }
}

/** How long a part has to get ready (seconds). A large database that was killed reads its log first. */
const readySeconds = { engines: 180, others: 60 };

async function start(
  {
    env: wanted,
    onDemoTrack = () => {},
    onSongMigrated = () => {},
    signal,
    demoTracks,
  }: StartOptions & { signal: AbortSignal },
  onClose: Shutdown["add"],
): Promise<Omit<Encore, "close">> {
  const given = withoutEmpty(wanted);
  const ready = <T>(name: string, work: Promise<T>, seconds = readySeconds.others): Promise<T> =>
    within(
      seconds,
      work,
      `${name} was not ready after ${seconds} s; see what keeps this machine busy, and start again`,
      signal,
    );

  await assertNoRestoreWasCut(given.DATA_DIR ?? ".data");
  const address = await ready("the address to listen at", chooseAddress(given));
  const dataDir = await prepareDataDir(given.DATA_DIR ?? ".data");
  onClose("the data folder", dataDir.release);
  const clientFolder = dataDir.file("client");
  const beside = Promise.all([
    readSecrets(dataDir.file("secrets.json")),
    buildClient({ outDir: clientFolder }),
  ]);
  beside.catch(() => {});
  const starting = startEngines(given, dataDir);
  onClose("the engines", async () => (await starting.catch(() => undefined))?.close());
  const engines = await ready("an engine", starting, readySeconds.engines);
  onClose("the watch on the tables", await watchTables(engines, dataDir));
  const [secrets] = await ready("the player", beside);
  const gateway = await ready("the gateway", startLocalGateway());
  onClose("the gateway", gateway.close);
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
  onClose("the streams of the tables", streams.stop);
  await migrate(databaseFor(env), signal, onSongMigrated);

  const demo = engines.embedded && address.isLoopback;
  if (demo) await seedDemo({ env, dataDir, signal, onProgress: onDemoTrack, only: demoTracks });
  else if (!given.AWS_ENDPOINT_URL_DYNAMODB) await ready("the demo accounts", lockDemoAccounts(env));
  signal.throwIfAborted();
  const schedules = startSchedules(env, dataDir);
  onClose("the daily sweep", schedules.stop);
  const { parts } = engines;
  const restEnv = { ...env, ...(parts && partsEnvironment(address)) };
  const apis = gateway.plugin({ http: httpApiRoutes(restEnv), webSocket: webSocketFunctions(env) });
  const plugin = fp(async (fastify) => {
    if (demo) await fastify.register(thisMachineOnly);
    await fastify.register(oneHostName(address));
    await fastify.register(apis);
    if (parts) await fastify.register(publicParts(parts, address));
  });
  const serving = startServer(env, { plugin, socketPaths: [localGatewayPath], ready: writable(engines) });
  onClose("the server node", async () => (await serving.catch(() => undefined))?.close());
  const { managementUrl } = await ready("the server node", serving);
  const { publicUrl: url } = address;
  const control = await ready("the control", startControl(engines.rows, env.MANAGEMENT_SECRET));
  onClose("the control", control.close);
  const places = { url, managementUrl, controlUrl: control.endpoint };
  const { embedded } = engines;
  onClose("running.json", await announceRunning(dataDir.file, { ...places, embedded, env, given }));
  const accounts = demo ? describeDemoAccounts(env) : [];
  return { url, managementUrl, demo, demoAccounts: accounts, warnings: describeRisks(address, given), env };
}

/** A table that no migration has come to the end of may have songs of an earlier version. */
async function migrate(
  database: Database,
  signal: AbortSignal,
  onSongMigrated: (done: number) => void,
): Promise<void> {
  let done = 0;
  if (await songsAreMigrated(database)) return;
  await migrateSongs(database, { signal, onSong: () => onSongMigrated(++done) });
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
