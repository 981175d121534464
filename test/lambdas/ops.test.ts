import { afterAll, beforeAll, expect, it } from "vitest";
import { createConnectionStore } from "../../core/aws/connection-store.ts";
import { createEndpointStore } from "../../core/aws/endpoint-store.ts";
import { createSessionStore } from "../../core/aws/session-store.ts";
import type { Connection } from "../../core/contract/ops.ts";
import { signUp, testDatabase } from "../support/accounts.ts";
import { type RestWorld, startRestWorld } from "../support/rest-world.ts";

let world: RestWorld;
beforeAll(async () => {
  world = await startRestWorld();
});
afterAll(() => world.close());

/**
 * The row of a live connection of somebody new, at an endpoint that is alive; it stays until that endpoint deletes it.
 */
async function connect() {
  const { actor } = await signUp(world.auth);
  const { userId, sessionId } = actor;
  const since = new Date().toISOString();
  const row = { userId, sessionId, connectionId: `c-${userId}`, endpointId: "node-1", since, stamp: "x" };
  const connections = createConnectionStore(testDatabase(world.aws), { now: () => new Date() });
  await connections.writeMany([{ op: "put", row }]);
  return { userId, sessionId };
}

it("An operator does not see connections of a session that has ended, though their rows are still there", async () => {
  const { accessToken: token } = await signUp(world.auth, { role: "ops" });
  const leaseUntil = Date.now() + 3_600_000;
  const endpoint = { endpointId: "node-1", kind: "node", address: "http://127.0.0.1:1", leaseUntil } as const;
  await createEndpointStore(testDatabase(world.aws)).put(endpoint);
  const [stays, goes] = [await connect(), await connect()];
  const usersIn = async (query = "") => {
    const { body } = await world.call("GET", `/api/ops/connections${query}`, { token });
    return (body.items as Connection[]).map(({ userId }) => userId).sort();
  };
  expect(await usersIn()).toEqual([stays.userId, goes.userId].sort());
  await createSessionStore(testDatabase(world.aws)).delete(goes.sessionId);
  expect(await usersIn()).toEqual([stays.userId]);
  expect(await usersIn(`?userId=${goes.userId}`)).toEqual([]);
});
