import type { Account, AccountStore, SessionRecord, SessionStore } from "../../core/domain/accounts/ports.ts";
import { aliveEndpointIds, type Leases } from "../../core/domain/live/cluster/leases.ts";
import type { EndpointStore } from "../../core/domain/live/cluster/ports.ts";
import { createDataLoader } from "../../core/domain/shared/data-loader.ts";

/**
 * Loaders read one key at once where one is asked for, and many by one request where hundreds are: each request to
 * DynamoDB costs a process more than a millisecond of its own. An answer is never older than its question.
 */
const batching = { windowMs: 2, maxKeys: 100 };

export function createSessionLoader(sessions: Pick<SessionStore, "getMany">): Pick<SessionStore, "get"> {
  const get = createDataLoader(
    async (ids: readonly string[]) =>
      new Map((await sessions.getMany(ids)).map((one): [string, SessionRecord] => [one.sessionId, one])),
    batching,
  );
  return { get };
}

export function createAccountLoader(accounts: Pick<AccountStore, "getMany">): Pick<AccountStore, "get"> {
  const get = createDataLoader(
    async (emails: readonly string[]) =>
      new Map((await accounts.getMany(emails)).map((one): [string, Account] => [one.email, one])),
    batching,
  );
  return { get };
}

/** The ids of the processes whose lease runs. */
export function createAliveEndpoints(
  endpoints: Pick<EndpointStore, "list">,
  leases: Leases,
): () => Promise<ReadonlySet<string>> {
  const all = "all";
  const load = createDataLoader(
    async () => new Map([[all, aliveEndpointIds(await endpoints.list(), leases)]]),
    batching,
  );
  return async () => (await load(all)) ?? new Set();
}
