import { once } from "node:events";
import { request } from "node:http";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, it } from "vitest";
import type { Hub } from "../../../server/live/hub.ts";
import { problemDocuments } from "../../../server/plugins/problems.ts";
import { liveRoutes } from "../../../server/routes/live.ts";
import { livePath, upgradesOnlyAt } from "../../../server/upgrades.ts";

let app: FastifyInstance;
afterEach(() => app.close());

const hub = { all: () => [], sizeOf: () => 0 } as unknown as Hub;
const handshake = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
};

/** Asks for an upgrade at a node whose every token comes to `error`, and answers the refusal's head and problem. */
async function refusalBy(error: unknown, headers: Readonly<Record<string, string>>) {
  app = fastify({ http: upgradesOnlyAt([livePath]) });
  await app.register(problemDocuments);
  const reject = () => Promise.reject(error);
  const checks = { authenticate: reject, redeemTicket: reject, allowedOrigins: [] };
  app.register(liveRoutes, { hub, cookies: { secure: false }, ...checks });
  const base = await app.listen({ host: "127.0.0.1", port: 0 });
  const call = request(`${base}${livePath}`, { headers: { ...handshake, ...headers } }).end();
  const [response] = await once(call, "response");
  const problem = JSON.parse(Buffer.concat(await response.toArray()).toString());
  return { status: response.statusCode, headers: response.headers, problem };
}

it("A stranger's upgrade is refused with how to sign in (RFC 9110 §11.6.1)", async () => {
  const { status, headers, problem } = await refusalBy(undefined, {});
  expect(status).toBe(401);
  expect(headers["www-authenticate"]).toBe('Bearer realm="encore"');
  expect(headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(problem).toMatchObject({ type: "/problems/not-signed-in", instance: expect.any(String) });
});

it("An upgrade that the store does not let be decided is refused with when to come back (RFC 9110 §10.2.3)", async () => {
  const throttled = Object.assign(new Error("slow down"), {
    name: "ThrottlingException",
    $metadata: { httpStatusCode: 400 },
  });
  const { status, headers, problem } = await refusalBy(throttled, { authorization: "Bearer token" });
  expect(status).toBe(503);
  expect(headers["retry-after"]).toBe("5");
  expect(problem.kind).toBe("unavailable");
});

it("What was not meant to happen tells nothing of its inside", async () => {
  const { status, problem } = await refusalBy(new Error("secret"), { authorization: "Bearer token" });
  expect(status).toBe(500);
  expect(JSON.stringify(problem)).not.toContain("secret");
});
