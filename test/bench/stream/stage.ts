import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase, createS3Client } from "../../../core/aws/clients.ts";
import { dynamoDbConfig, readAwsConfig, s3Config } from "../../../core/aws/config.ts";
import { createEndpointStore } from "../../../core/aws/endpoint-store.ts";
import { tokenEnvironment } from "../../../core/domain/accounts/config.ts";
import { createTokenSigner, generateTokenKeys } from "../../../core/domain/accounts/tokens.ts";
import { systemClock } from "../../support/live-node.ts";
import { type Host, startHost } from "../support/rpc.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { createSeeder, type SignedIn, type Song } from "./seed.ts";

export type Stage = {
  readonly engines: Host;
  /** What an Encore process is told. */
  readonly env: Readonly<Record<string, string>>;
  /** For files of this run; goes at the end. */
  readonly folder: string;
  addSongs(count: number, sizeBytes: number): Promise<readonly Song[]>;
  signIn(count: number): Promise<readonly SignedIn[]>;
  /** Takes care that a server ends with the stage, however that ends. */
  own(server: ServerProcess): ServerProcess;
  /** The management addresses of the Encore processes that are registered. */
  nodes(): Promise<readonly string[]>;
  close(): Promise<void>;
};

/** The engines and who is signed in, for a whole run. */
export async function startStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "encore-bench-"));
  const engines = await startHost(join(import.meta.dirname, "engines-host.ts"));
  const aws = await engines.call<Record<string, string>>("environment");
  const keys = generateTokenKeys();
  const { tablePrefix, bucket } = readAwsConfig(aws);
  const database = createDatabase(tablePrefix, dynamoDbConfig(aws));
  const endpoints = createEndpointStore(database);
  const { addSongs, signIn } = createSeeder({
    database,
    s3: createS3Client(s3Config(aws)),
    bucket,
    signer: createTokenSigner(keys, systemClock),
  });
  const servers: ServerProcess[] = [];
  const { TOKEN_PUBLIC_KEYS } = tokenEnvironment(keys);
  return {
    engines,
    env: {
      ...aws,
      TOKEN_PUBLIC_KEYS,
      MANAGEMENT_SECRET: randomBytes(32).toString("base64url"),
      PORT: "0",
      ALLOWED_ORIGINS: "http://127.0.0.1",
      CLIENT_FOLDER: await emptyClient(folder),
    },
    folder,
    addSongs,
    signIn,
    nodes: async () => (await endpoints.list()).map(({ address }) => address),
    own(server) {
      servers.push(server);
      return server;
    },
    async close() {
      await Promise.all(servers.map(({ stop }) => stop()));
      await engines.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A node does not start without a player; nobody asks for it here. */
async function emptyClient(folder: string): Promise<string> {
  const client = join(folder, "client");
  await mkdir(join(client, "assets"), { recursive: true });
  await writeFile(join(client, "index.html"), "");
  return client;
}
