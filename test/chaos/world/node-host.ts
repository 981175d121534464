import { createDatabase } from "../../../core/aws/clients.ts";
import { dynamoDbConfig, readAwsConfig } from "../../../core/aws/config.ts";
import { readPublicKeys } from "../../../core/domain/accounts/config.ts";
import { createTokenVerifier } from "../../../core/domain/accounts/tokens.ts";
import type { Environment } from "../../../core/domain/ports.ts";
import type { LiveNodeOptions } from "../../../server/live/node.ts";
import { startLiveNode, systemClock } from "../../support/live-node.ts";
import { type Defence, switchOf } from "../defences.ts";
import type { NodeReady } from "./node.ts";

/** A process that is the live side of a server node: drains on SIGTERM, and is killed at any moment. */
export type NodeSettings = {
  readonly env: Environment;
  readonly off?: Defence;
  readonly options: LiveNodeOptions;
};

process.once("message", async ({ env, off, options }: NodeSettings) => {
  const database = createDatabase(readAwsConfig(env).tablePrefix, dynamoDbConfig(env));
  const { heads, connections, playback, node, restart } = switchOf(off);
  const { base, stop } = await startLiveNode({
    ...options,
    ...node,
    database,
    secret: String(env.MANAGEMENT_SECRET),
    tokens: createTokenVerifier(readPublicKeys(env), systemClock),
    wrap: (deps) => ({
      ...deps,
      ...(heads && { subscriptions: heads(deps.subscriptions) }),
      ...(connections && { connections: connections(deps.connections, database) }),
      ...(playback && { playback: playback(deps.playback, database) }),
    }),
  });
  process.once("SIGTERM", async () => {
    if (restart !== "cut") await stop();
    process.exit(0);
  });
  process.send?.({ port: Number(new URL(base).port) } satisfies NodeReady);
});
