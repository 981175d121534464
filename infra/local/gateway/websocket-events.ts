import type {
  APIGatewayEventWebsocketRequestContextV2,
  APIGatewayProxyWebsocketEventV2WithRequestContext,
} from "aws-lambda";
import type { FastifyRequest } from "fastify";
import type { ApiFacts } from "./http-event.ts";
import {
  headerValues,
  logTime,
  newId,
  queryValues,
  singleValues,
  splitTarget,
  takeLast,
  type Values,
} from "./request-facts.ts";

/** What the authorizer said, as every event of the connection carries it: all values are text. */
export type AuthorizerContext = Readonly<Record<string, string | number>>;

/** What stays the same as long as a connection lives. */
export type ConnectionFacts = ApiFacts & {
  readonly connectionId: string;
  readonly connectedAt: Date;
  readonly identity: { readonly sourceIp: string; readonly userAgent: string };
  readonly authorizer?: AuthorizerContext;
};

/** `messageId` is there in messages only, which its type does not say. */
export type WebSocketRequestContext = APIGatewayEventWebsocketRequestContextV2 & {
  readonly identity: ConnectionFacts["identity"];
  readonly authorizer?: AuthorizerContext;
  /** In `$disconnect` only; 1005 and 1006 where no close frame said more (RFC 6455 §7.4.1). */
  readonly disconnectStatusCode?: number;
  readonly disconnectReason?: string;
};

type Several = Record<string, string[]>;
/** Header names keep the case in which the client sent them, as in AWS. */
type Headers = { headers: Record<string, string>; multiValueHeaders: Several };

/**
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
 * Headers and query string come with `$connect` only.
 */
export type WebSocketEvent = APIGatewayProxyWebsocketEventV2WithRequestContext<WebSocketRequestContext> &
  Partial<Headers>;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html */
export type WebSocketAuthorizerEvent = Headers & {
  type: "REQUEST";
  methodArn: string;
  queryStringParameters: Record<string, string>;
  multiValueQueryStringParameters: Several;
  stageVariables: Record<string, string>;
  requestContext: WebSocketRequestContext;
};

export function authorizerEvent(request: FastifyRequest, facts: ConnectionFacts): WebSocketAuthorizerEvent {
  const query = queryValues(splitTarget(request.raw.url ?? "").queryString);
  return {
    type: "REQUEST",
    methodArn: `arn:aws:execute-api:local:000000000000:local/${facts.stage}/$connect`,
    ...headersOf(request),
    queryStringParameters: singleValues(query, takeLast),
    multiValueQueryStringParameters: allValues(query),
    stageVariables: {},
    requestContext: requestContext(facts, "$connect", "CONNECT"),
  };
}

export function connectEvent(request: FastifyRequest, facts: ConnectionFacts): WebSocketEvent {
  const query = queryValues(splitTarget(request.raw.url ?? "").queryString);
  return {
    ...headersOf(request),
    ...(query.size > 0 && {
      queryStringParameters: singleValues(query, takeLast),
      multiValueQueryStringParameters: allValues(query),
    }),
    requestContext: requestContext(facts, "$connect", "CONNECT"),
    isBase64Encoded: false,
  };
}

export const messageEvent = (facts: ConnectionFacts, routeKey: string, body: string): WebSocketEvent => ({
  requestContext: requestContext(facts, routeKey, "MESSAGE", { messageId: newId() }),
  body,
  isBase64Encoded: false,
});

export const disconnectEvent = (facts: ConnectionFacts, code: number, reason: string): WebSocketEvent => ({
  requestContext: requestContext(facts, "$disconnect", "DISCONNECT", {
    disconnectStatusCode: code,
    disconnectReason: reason,
  }),
  isBase64Encoded: false,
});

function requestContext(
  { connectedAt, ...facts }: ConnectionFacts,
  routeKey: string,
  eventType: WebSocketRequestContext["eventType"],
  more: Partial<WebSocketRequestContext> = {},
): WebSocketRequestContext {
  const now = new Date();
  const requestId = newId();
  return {
    ...facts,
    apiId: "local",
    routeKey,
    eventType,
    messageDirection: "IN",
    connectedAt: connectedAt.getTime(),
    requestTime: logTime(now),
    requestTimeEpoch: now.getTime(),
    requestId,
    extendedRequestId: requestId,
    ...more,
  } as WebSocketRequestContext;
}

function headersOf(request: FastifyRequest): Headers {
  const { rawHeaders } = request.raw;
  const values = headerValues([
    ...rawHeaders,
    "X-Forwarded-For",
    request.ip,
    "X-Forwarded-Proto",
    request.protocol,
  ]);
  return { headers: singleValues(values, takeLast), multiValueHeaders: allValues(values) };
}

const allValues = (values: Values): Several =>
  Object.fromEntries([...values].map(([name, all]) => [name, [...all]]));
