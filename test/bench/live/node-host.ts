import { createDatabase } from "../../../core/aws/clients.ts";
import { createTokenVerifier, type TokenKeys } from "../../../core/domain/accounts/tokens.ts";

import { startLiveNode, systemClock } from "../../support/live-node.ts";
import { serve } from "../support/rpc.ts";
import { usage } from "../support/usage.ts";
import type { DatabaseSettings } from "./database-host.ts";

/** A server node's live side, with what it asks of DynamoDB counted. */
const asked = new Map<string, number>();
let stop = async () => {};

serve({
  async start({ database, publicKeys }: { database: DatabaseSettings } & Pick<TokenKeys, "publicKeys">) {
    const { endpoint, tablePrefix, region, accessKeyId, secretAccessKey, secret } = database;
    const client = createDatabase(tablePrefix, {
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey },
    });
    client.client.middlewareStack.add(
      (next, { commandName = "" }) =>
        (args) => {
          asked.set(commandName, (asked.get(commandName) ?? 0) + 1);
          return next(args);
        },
      { step: "initialize" },
    );
    const tokens = createTokenVerifier(publicKeys, systemClock);
    const node = await startLiveNode({ database: client, tokens, secret });
    stop = node.stop;
    return { url: node.url, address: node.address };
  },
  stop: () => stop(),
  ...usage,
  /** What was asked of DynamoDB since the last time, by operation. */
  asked() {
    const counts = Object.fromEntries(asked);
    asked.clear();
    return counts;
  },
});
