import { METHODS } from "node:http";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type {
  FastifyError,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
} from "fastify";
import { type ApiFacts, toHttpEvent } from "./http-event.ts";
import { sendGatewayError, sendResult } from "./http-result.ts";
import { type Handler, InvocationError, type InvocationFailure, invoke } from "./invoke.ts";

export type HttpApiRoute = {
  /** `ANY` takes every method. */
  readonly method: string;
  /** In API Gateway's syntax: `/api/songs/{songId}`, `/files/{path+}`. */
  readonly path: string;
  readonly handler: Handler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 | string | object>;
};

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const httpApiLimits = {
  payloadBytes: 10 * 1024 * 1024,
  /** Request line and header values together. */
  headerBytes: 10_240,
  /** AWS allows up to 30 s; Encore's stacks set 29 s. */
  timeoutMs: 29_000,
};

export type HttpApiOptions = {
  readonly routes: readonly HttpApiRoute[];
  /** Everything below it belongs to this API: what no route takes there is its 404. Default `/api`. */
  readonly basePath?: string;
  readonly stage?: string;
  readonly domainName?: string;
  readonly limits?: Partial<typeof httpApiLimits>;
};

/**
 * An API Gateway HTTP API: a Fastify plugin that calls the very handlers that run in AWS. Encapsulated: its body
 * parser and error handler touch no sibling. The client's address is Fastify's `request.ip` (see `trustProxy`).
 */
export const httpApiGateway: FastifyPluginAsync<HttpApiOptions> = async (fastify, options) => {
  const limits = { ...httpApiLimits, ...options.limits };
  const api: ApiFacts = { stage: options.stage ?? "$default", domainName: options.domainName ?? "localhost" };
  const basePath = options.basePath ?? "/api";
  takeEveryMethod(fastify);
  takeBodiesRaw(fastify);
  limitHeaders(fastify, limits.headerBytes);
  fastify.setErrorHandler(sendError);
  for (const route of options.routes) addRoute(fastify, route, api, limits);
  const taken = new Set(
    options.routes.filter(({ method }) => method === "ANY").map(({ path }) => toUrl(path)),
  );
  for (const url of [basePath, `${basePath}/*`].filter((url) => !taken.has(url)))
    fastify.all(url, { bodyLimit: limits.payloadBytes }, (_, reply) => sendGatewayError(reply, 404));
};

function addRoute(
  fastify: FastifyInstance,
  { method, path, handler }: HttpApiRoute,
  api: ApiFacts,
  limits: typeof httpApiLimits,
): void {
  const routeKey = `${method} ${path}`;
  fastify.route({
    method: method === "ANY" ? fastify.supportedMethods : method,
    url: toUrl(path),
    bodyLimit: limits.payloadBytes,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const event = toHttpEvent(request, routeKey, api);
      reply.header("apigw-requestid", event.requestContext.requestId);
      const { timeoutMs } = limits;
      const signal = leaving(reply);
      const options = { name: routeKey, timeoutMs, log: request.log, signal };
      return sendResult(reply, await invoke(handler, event, options));
    },
  });
}

/** Aborted when the connection closes before the answer is written. */
function leaving({ raw }: FastifyReply): AbortSignal {
  const caller = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) caller.abort();
  });
  return caller.signal;
}

/** A path in API Gateway's syntax, in Fastify's. */
const toUrl = (path: string): string => path.replace(/\{[^{}]+\+\}$/, "*").replaceAll(/\{([^{}]+)\}/g, ":$1");

/** `ANY` is any: Fastify knows a dozen of the methods that Node.js reads. */
function takeEveryMethod(fastify: FastifyInstance): void {
  const known = new Set<string>(fastify.supportedMethods);
  for (const method of METHODS.filter((one) => one !== "CONNECT" && !known.has(one)))
    fastify.addHttpMethod(method, { hasBody: true });
}

/**
 * Fastify refuses a `Content-Type` it cannot read, and a QUERY without one (RFC 10008); API Gateway leaves that to the
 * function.
 */
function takeBodiesRaw(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));
  fastify.addHook("onRequest", async (request) => {
    if (request.method === "QUERY") request.raw.headers["content-type"] = "application/octet-stream";
    else delete request.raw.headers["content-type"];
  });
}

function limitHeaders(fastify: FastifyInstance, maxBytes: number): void {
  fastify.addHook("onRequest", async (request, reply) => {
    const { rawHeaders, url = "" } = request.raw;
    const size = rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text), Buffer.byteLength(url));
    if (size > maxBytes) return sendGatewayError(reply, 431);
  });
}

const statusOf: Record<InvocationFailure, number> = {
  failed: 500,
  timeout: 504,
  "event-too-large": 413,
  "result-too-large": 500,
};

function sendError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof InvocationError) return sendGatewayError(reply, statusOf[error.kind]);
  const status = error.statusCode ?? 500;
  if (status >= 500) request.log.error({ err: error }, "The gateway failed");
  return sendGatewayError(reply, status);
}
