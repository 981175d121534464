import { join } from "node:path";
import { ulid } from "ulid";
import { createTokenSigner, generateTokenKeys } from "../../../core/domain/accounts/tokens.ts";
import type { Actor } from "../../../core/domain/actor.ts";
import { systemClock } from "../../support/live-node.ts";
import { type Host, startHost } from "../support/rpc.ts";
import type { DatabaseSettings } from "./database-host.ts";
import type { Opened } from "./generator.ts";

export type Target = {
  readonly name: "Encore" | "bare ws";
  readonly url: string;
  /** Where pushes are posted. */
  readonly address: string;
  readonly host: Host;
  /** Clients of this target alone. */
  readonly generator: Host;
};

export type Bench = Awaited<ReturnType<typeof startBench>>;

/** So many devices has each user. */
const devicesPerUser = 2;

/** The database and those who are signed in, for a whole run. */
export async function startBench(sessionCount: number) {
  const database = await startHost(join(import.meta.dirname, "database-host.ts"));
  const settings = await database.call<DatabaseSettings>("settings");
  const keys = generateTokenKeys();
  const signer = createTokenSigner(keys, systemClock);
  const users = Array.from({ length: Math.ceil(sessionCount / devicesPerUser) }, () => ulid());
  const sessions = Array.from({ length: sessionCount }, (_, at): Actor => {
    const userId = users[Math.floor(at / devicesPerUser)] ?? "";
    return { userId, sessionId: ulid(), email: `${userId.toLowerCase()}@example.com`, role: "listener" };
  });
  await database.call("seed", sessions);
  const hosts: Host[] = [database];
  const startOne = async (file: string): Promise<Host> => {
    const host = await startHost(join(import.meta.dirname, file));
    hosts.push(host);
    return host;
  };

  return {
    database,
    sessions,
    /** Signed anew, since a run takes longer than a token lives. */
    tokens: (count: number) => sessions.slice(0, count).map((session) => signer.sign(session)),
    secret: settings.secret,
    async target(name: Target["name"]): Promise<Target> {
      const host = await startOne(name === "Encore" ? "node-host.ts" : "bare-host.ts");
      const where = await host.call<{ url: string; address: string }>("start", {
        database: settings,
        publicKeys: keys.publicKeys,
      });
      return { name, ...where, host, generator: await startOne("generator.ts") };
    },
    async end(target: Target): Promise<void> {
      await target.generator.call("close");
      await target.host.call("stop");
      await target.generator.end();
      await target.host.end();
    },
    async close(): Promise<void> {
      await Promise.all(hosts.map((host) => host.end()));
    },
  };
}

export const tryToOpen = (
  { generator, url }: Target,
  tokens: readonly string[],
  parallel: number,
): Promise<Opened> => generator.call<Opened>("open", { url, tokens, parallel });

/** @returns the ids of the sessions. @throws Error where one of them could not be opened */
export async function open(target: Target, tokens: readonly string[]): Promise<readonly string[]> {
  const { connectionIds, errors } = await tryToOpen(target, tokens, 128);
  if (errors > 0) throw new Error(`${target.name}: ${errors} of ${tokens.length} sessions were not opened`);
  return connectionIds;
}

/** Posts texts for connections, as the push function does. */
export async function post(
  { address }: Target,
  secret: string,
  posts: readonly { readonly connectionIds: readonly string[]; readonly text: string }[],
): Promise<void> {
  const answer = await fetch(`${address}/@connections`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-encore-secret": secret },
    body: JSON.stringify({ posts, events: [] }),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}
