import Fastify, { type FastifyInstance } from "fastify";
import { Check } from "typebox/value";
import { physicalTableName } from "../../core/aws/tables.ts";
import type { Problem } from "../../core/contract/problem.ts";
import { authenticate } from "../../core/domain/accounts/authentication.ts";
import { tokenEnvironment } from "../../core/domain/accounts/config.ts";
import { createPasswordHasher } from "../../core/domain/accounts/passwords.ts";
import {
  createTokenSigner,
  createTokenVerifier,
  generateTokenKeys,
} from "../../core/domain/accounts/tokens.ts";
import type { Log } from "../../core/domain/ports.ts";
import { processUploads } from "../../infra/local/functions.ts";
import { httpApiGateway } from "../../infra/local/gateway/http-api.ts";
import { createAuthHandler } from "../../lambdas/auth.ts";
import { createCatalogueHandler } from "../../lambdas/catalogue.ts";
import { createCoversHandler } from "../../lambdas/covers.ts";
import { authDeps } from "../../lambdas/deps/auth.ts";
import { catalogueDeps } from "../../lambdas/deps/catalogue.ts";
import { coversDeps } from "../../lambdas/deps/covers.ts";
import { docsDeps } from "../../lambdas/deps/docs.ts";
import { indexMusicDeps } from "../../lambdas/deps/index-music.ts";
import { liveDeps } from "../../lambdas/deps/live.ts";
import { opsDeps } from "../../lambdas/deps/ops.ts";
import { subscriptionsDeps } from "../../lambdas/deps/subscriptions.ts";
import { uploadsDeps } from "../../lambdas/deps/uploads.ts";
import { createDocsHandler } from "../../lambdas/docs.ts";
import type { HttpDeps, HttpHandler } from "../../lambdas/http/handler.ts";
import { createIndexMusicHandler } from "../../lambdas/index-music.ts";
import { createLiveHandler } from "../../lambdas/live.ts";
import { createOpsHandler } from "../../lambdas/ops.ts";
import { restFallback, restRoutes } from "../../lambdas/routes/rest.ts";
import type { Area } from "../../lambdas/routes/route.ts";
import { createSubscriptionsHandler } from "../../lambdas/subscriptions.ts";
import { createUploadsHandler } from "../../lambdas/uploads.ts";
import { createTestClock, fastScrypt } from "./accounts.ts";
import { environmentOf, startTestAws } from "./engines.ts";

export const ownOrigin = "http://127.0.0.1:8080";

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly cookies: readonly {
    readonly name: string;
    readonly value: string;
    readonly [attribute: string]: unknown;
  }[];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
  readonly body: any;
};

export type Request = {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: Readonly<Record<string, string>>;
  /** The client's network address. */
  readonly address?: string;
};

export type RestWorld = Awaited<ReturnType<typeof startRestWorld>>;

export type RestWorldOptions = {
  /** What one curator may upload in a day. */
  readonly uploadQuotaGiB?: number;
  readonly origins?: string;
  /** What the edge before the gateway sends along; none stands there by default. */
  readonly edgeSecret?: string;
  /** Multiplies every limit; 1 by default. */
  readonly throttleScale?: number;
};

/** Every REST function behind the gateway on real engines, with a clock to turn and passwords at a price tests can pay. */
export async function startRestWorld({
  origins = ownOrigin,
  edgeSecret,
  uploadQuotaGiB,
  throttleScale,
}: RestWorldOptions = {}) {
  const aws = await startTestAws();
  const clock = createTestClock();
  const keys = generateTokenKeys();
  const logged: string[] = [];
  const note = (fields: unknown, message: string) =>
    void logged.push(
      `${message} ${JSON.stringify(fields, (_, value) => (value instanceof Error ? String(value.stack) : value))}`,
    );
  const log: Log = { info: note, warn: note, error: note };
  const env = {
    ...environmentOf(aws),
    ALLOWED_ORIGINS: origins,
    MANAGEMENT_SECRET: "0123456789abcdef0123456789abcdef",
    LIVE_NODE_URL: "ws://127.0.0.1:8080/live",
    LIVE_GATEWAY_URL: "ws://127.0.0.1:8080/gateway",
    ...tokenEnvironment(keys),
    ...(throttleScale && { THROTTLE_SCALE: String(throttleScale) }),
    ...(edgeSecret && { EDGE_SECRET: edgeSecret }),
    ...(uploadQuotaGiB && { UPLOAD_QUOTA_GIB: String(uploadQuotaGiB) }),
  };
  const auth = {
    ...authDeps(env),
    passwords: createPasswordHasher(fastScrypt),
    tokens: createTokenSigner(keys, clock),
    clock,
  };
  const tokens = createTokenVerifier(keys.publicKeys, clock);
  const common = {
    // Tests ask as fast as they can; those about rates name a scale.
    ...(throttleScale === undefined && { rates: unlimited }),
    authenticate: (token: string) => authenticate({ ...auth, tokens }, token),
    log,
  } satisfies Partial<HttpDeps>;
  const functions: Record<Area, HttpHandler> = {
    auth: createAuthHandler({ ...auth, ...common }),
    catalogue: createCatalogueHandler({ ...catalogueDeps(env), ...common }),
    subscriptions: createSubscriptionsHandler({ ...subscriptionsDeps(env), ...common }),
    uploads: createUploadsHandler({ ...uploadsDeps(env), ...common }),
    covers: createCoversHandler({ ...coversDeps(env), ...common }),
    live: createLiveHandler({ ...liveDeps(env), ...common, clock }),
    ops: createOpsHandler({ ...opsDeps(env), ...common }),
    docs: createDocsHandler({ ...docsDeps(env), ...common }),
  };
  const app: FastifyInstance = Fastify();
  app.register(httpApiGateway, {
    routes: [...restRoutes, restFallback].map(({ method, path, area }) => ({
      method,
      path,
      handler: functions[area],
    })),
  });
  const indexing = aws.streams.subscribe(
    physicalTableName(aws.tablePrefix, "music"),
    createIndexMusicHandler(indexMusicDeps(env)),
  );

  const processing = processUploads(env, aws.streams, physicalTableName(aws.tablePrefix, "upload"));

  /** One request; a body that is a string or bytes goes as it is, anything else as JSON. */
  async function call(method: string, path: string, request: Request = {}): Promise<Answer> {
    const { token, body, headers, cookies, address = "127.0.0.1" } = request;
    const isRaw = typeof body === "string" || Buffer.isBuffer(body);
    const answer = await app.inject({
      method: method as "GET",
      url: path,
      remoteAddress: address,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(cookies && { cookies: { ...cookies } }),
      ...(body !== undefined && { payload: isRaw ? body : JSON.stringify(body) }),
    });
    requireTruth(method, path, answer.statusCode, answer.body);
    const isJson = String(answer.headers["content-type"] ?? "").includes("json");
    return {
      status: answer.statusCode,
      headers: answer.headers,
      cookies: answer.cookies,
      text: answer.body,
      body: isJson && answer.body ? JSON.parse(answer.body) : undefined,
    };
  }

  return {
    aws,
    env,
    clock,
    keys,
    auth,
    logged,
    call,
    async close() {
      await indexing.stop();
      await processing.stop();
      await app.close();
      await aws.close();
    },
  };
}

/** Rates of a function that nothing is too often for. */
export const unlimited = { user: { take: () => {} }, stranger: { take: () => {} } };

/** Each success is what the route table, and so the OpenAPI document, says that it is. */
function requireTruth(method: string, path: string, status: number, text: string): void {
  const route = restRoutes.find(
    (one) => one.method === method && patternOf(one.path).test(path.split("?")[0] ?? ""),
  );
  if (!route || status >= 400) return;
  const isAccepted = "accepted" in route && status === 202;
  if (!isAccepted && status !== route.success.status) throw new Error(`${method} ${path} answered ${status}`);
  const success = "schema" in route.success ? route.success.schema : undefined;
  const schema = isAccepted ? route.accepted : success;
  if (schema ? !Check(schema, JSON.parse(text)) : text !== "")
    throw new Error(`${method} ${path} answered other than its schema: ${text.slice(0, 500)}`);
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);

/** What every refusal is: a problem document of a known kind that shows nothing of our inside. */
export function problemOf({ status, headers, body, text }: Answer): Problem {
  if (!String(headers["content-type"]).startsWith("application/problem+json"))
    throw new Error(`No problem document but ${status} ${headers["content-type"]}: ${text.slice(0, 200)}`);
  const problem = body as Problem;
  if (problem.status !== status || problem.type !== `/problems/${problem.kind}`)
    throw new Error(`A problem document that contradicts itself: ${status} ${text}`);
  if (/node_modules|\.ts:\d| {4}at /.test(text)) throw new Error(`A stack is shown: ${text}`);
  return problem;
}
