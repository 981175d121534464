import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { asUnavailable } from "../../core/aws/unavailable.ts";
import { problemHeaders } from "../../core/contract/problem.ts";
import { networkOf } from "../../core/domain/accounts/address.ts";
import type { WebConfig } from "../../core/domain/accounts/config.ts";
import type { RateLimiter } from "../../core/domain/accounts/rate-limiter.ts";
import type { Actor } from "../../core/domain/actor.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { Log } from "../../core/domain/ports.ts";
import { accessTokenOf, requireOwnOrigin } from "../../core/domain/shared/http-credentials.ts";
import { methodsAt, type RoutesOf, restRoutes } from "../routes/rest.ts";
import type { AcceptedOf, Area, InputOf, OutputOf, Route } from "../routes/route.ts";
import { compressAnswer } from "./compress.ts";
import {
  type CallContext,
  type HttpRequest,
  readBytes,
  readConditions,
  readJsonBody,
  readRequest,
} from "./request.ts";
import { checker, nothing } from "./validate.ts";

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: CallContext,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** What every REST function needs, whatever its area. */
export type HttpDeps = WebConfig & {
  /** The session behind an access token. @throws DomainError `not-signed-in`, `session-ended` */
  readonly authenticate: (accessToken: string) => Promise<Actor>;
  /** How often one user may call, and one network whose calls are nobody's. */
  readonly rates: { readonly user: RateLimiter; readonly stranger: RateLimiter };
  readonly log: Log;
};

/** An answer with more than a body. */
export class Reply<T> {
  readonly body: T;
  readonly cookies: readonly string[];

  constructor(body: T, cookies: readonly string[]) {
    this.body = body;
    this.cookies = cookies;
  }
}

/** The work goes on, and `location` tells of it; ask there after `retryAfterSeconds`. */
export class Accepted<T> {
  readonly body: T;
  readonly location: string;
  readonly retryAfterSeconds: number;

  constructor(body: T, location: string, retryAfterSeconds: number) {
    this.body = body;
    this.location = location;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

type ActorOf<R> = R extends { access: "public" } ? undefined : Actor;
/** A use case as a route's operation: `(deps, actor, input)`, and the request for those at the edge. */
type Operation<D, R> = (
  deps: D,
  actor: ActorOf<R>,
  input: InputOf<R>,
  request: HttpRequest,
) => Promise<OutputOf<R> | Reply<OutputOf<R>> | Accepted<AcceptedOf<R>>>;
type Operations<A extends Area, D> = {
  readonly [R in RoutesOf<A> as R["operation"]]: Operation<D, R>;
};

/**
 * Makes the one Lambda function of an area from its use cases. The route table says what each takes, who may
 * call it and what it answers; this is the only place where HTTP and the domain meet.
 */
export function restHandler<A extends Area, D extends HttpDeps>(area: A, operations: Operations<A, D>) {
  const prepared = new Map(
    restRoutes
      .filter((route) => route.area === area)
      .map((route) => {
        const run = operations[route.operation as keyof typeof operations] as unknown as Operation<
          D,
          unknown
        >;
        return [`${route.method} ${route.path}`, prepare(route, run)];
      }),
  );
  return (deps: D): HttpHandler =>
    async (event, context) => {
      const request = readRequest(event, context, deps.edgeSecret);
      try {
        const call = prepared.get(event.routeKey);
        if (!call) throw DomainError.noRoute(request.method, methodsAt(event.rawPath));
        return await compressAnswer(request, await call(deps, event, request));
      } catch (error) {
        return refuse(deps.log, request, error);
      }
    };
}

function prepare<D extends HttpDeps>(route: Route, run: Operation<D, unknown>) {
  const path = checker("path", route.params ?? nothing);
  const query = checker("query", route.query ?? nothing);
  const body = route.body && checker("body", route.body);
  return async (deps: D, event: APIGatewayProxyEventV2, request: HttpRequest) => {
    if (request.method !== "GET") requireOwnOrigin(deps, request);
    const actor = await actorOf(deps, route, request);
    requireRole(route, actor);
    const input = {
      ...body?.(readJsonBody(event, route.bodyOptional ?? false)),
      ...(route.bytes && { bytes: readBytes(event, route.bytes) }),
      ...query(event.queryStringParameters ?? {}),
      ...path(event.pathParameters ?? {}),
      ...(route.conditional && readConditions(request)),
    };
    const answer = await run(deps, actor as never, input as never, request);
    return succeed(route, answer);
  };
}

/** Whoever calls is counted: a user by the account, anybody else by the network. */
async function actorOf(deps: HttpDeps, route: Route, request: HttpRequest): Promise<Actor | undefined> {
  const takeAsStranger = () => deps.rates.stranger.take(networkOf(request.address));
  if (route.access === "public") {
    takeAsStranger();
    return undefined;
  }
  const actor = await signedIn(deps, request).catch((error: unknown) => {
    if (error instanceof DomainError) takeAsStranger();
    throw error;
  });
  deps.rates.user.take(actor.userId);
  return actor;
}

async function signedIn(deps: HttpDeps, request: HttpRequest): Promise<Actor> {
  const token = accessTokenOf(deps.cookies, request);
  if (token === undefined) throw new DomainError("not-signed-in");
  return deps.authenticate(token);
}

function requireRole({ access }: Route, actor: Actor | undefined): void {
  if (access === "public" || access === "signed-in" || actor?.role === access) return;
  throw new DomainError("not-allowed", `Only the role ${access} may do this`);
}

const headers = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

function succeed(route: Route, answer: unknown): APIGatewayProxyStructuredResultV2 {
  if (answer instanceof Accepted) return accept(answer);
  const { status, schema } = route.success;
  const reply = answer instanceof Reply ? answer : new Reply(answer, []);
  const result = {
    statusCode: status,
    headers,
    ...(reply.cookies.length > 0 && { cookies: [...reply.cookies] }),
  };
  return schema ? { ...result, body: JSON.stringify(reply.body) } : result;
}

const accept = ({
  body,
  location,
  retryAfterSeconds,
}: Accepted<unknown>): APIGatewayProxyStructuredResultV2 => ({
  statusCode: 202,
  headers: { ...headers, location, "retry-after": String(retryAfterSeconds) },
  body: JSON.stringify(body),
});

function refuse(log: Log, request: HttpRequest, error: unknown): APIGatewayProxyStructuredResultV2 {
  const unavailable = asUnavailable(error);
  const known = error instanceof DomainError ? error : (unavailable ?? new DomainError("internal"));
  if (unavailable) log.warn({ requestId: request.id, err: error }, "A request was refused by the store");
  else if (known !== error) log.error({ requestId: request.id, err: error }, "A request failed");
  const problem = known.toProblem(request.id);
  return {
    statusCode: problem.status,
    headers: { ...headers, ...problemHeaders(problem) },
    body: JSON.stringify(problem),
  };
}
