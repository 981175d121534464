import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { FastifyRequest } from "fastify";
import {
  headerValues,
  joinWithComma,
  logTime,
  newId,
  queryValues,
  singleValues,
  splitTarget,
  type Values,
} from "./request-facts.ts";

/** What the API knows of itself, whatever the request. */
export type ApiFacts = { readonly stage: string; readonly domainName: string };

/** Headers of one hop (RFC 9110 §7.6.1) end at the gateway. */
export const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * A request as an event in payload format 2.0. As API Gateway has it, the path and its parameters are decoded,
 * the query string is not, and cookies are no header.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function toHttpEvent(
  request: FastifyRequest,
  routeKey: string,
  api: ApiFacts,
): APIGatewayProxyEventV2 {
  const { path, queryString } = splitTarget(request.raw.url ?? "/");
  const values = headerValues(request.raw.rawHeaders, (name) => name.toLowerCase());
  const cookies = readCookies(values);
  const pathParameters = request.params as Record<string, string>;
  const rawPath = decodeURIComponent(path);
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: queryString,
    ...(cookies.length > 0 && { cookies }),
    headers: { ...singleValues(endToEnd(values), joinWithComma), ...forwarded(request, values) },
    ...(queryString && { queryStringParameters: singleValues(queryValues(queryString), joinWithComma) }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters: nameProxy(pathParameters, routeKey) }),
    requestContext: toRequestContext(request, routeKey, rawPath, api),
    ...encodeBody(request.body as Buffer | undefined, values),
  };
}

function toRequestContext(request: FastifyRequest, routeKey: string, path: string, api: ApiFacts) {
  const now = new Date();
  return {
    accountId: "000000000000",
    apiId: "local",
    domainName: api.domainName,
    domainPrefix: api.domainName.split(".")[0] ?? "",
    http: {
      method: request.method,
      path,
      protocol: `HTTP/${request.raw.httpVersion}`,
      sourceIp: request.ip,
      userAgent: request.headers["user-agent"] ?? "",
    },
    requestId: newId(),
    routeKey,
    stage: api.stage,
    time: logTime(now),
    timeEpoch: now.getTime(),
  };
}

const readCookies = (values: Values): string[] =>
  (values.get("cookie") ?? []).flatMap((header) =>
    header
      .split(";")
      .map((pair) => pair.trim())
      .filter(Boolean),
  );

const endToEnd = (values: Values): Values =>
  new Map([...values].filter(([name]) => name !== "cookie" && !hopByHop.has(name)));

const forwarded = (request: FastifyRequest, values: Values) => ({
  "x-forwarded-for": [...(values.get("x-forwarded-for") ?? []), request.socket.remoteAddress].join(", "),
  "x-forwarded-proto": request.protocol,
});

/** Fastify calls a greedy parameter `*`, whatever its name in the route. */
function nameProxy(parameters: Record<string, string>, routeKey: string): Record<string, string> {
  const name = /\{([^{}]+)\+\}$/.exec(routeKey)?.[1];
  if (name === undefined) return parameters;
  const { "*": rest = "", ...others } = parameters;
  return { ...others, [name]: rest };
}

/** The types that reach a function as text; every other body is base64. */
const textType = /^(?:text\/|application\/(?:json|javascript|xml)\b)/i;

function encodeBody(body: Buffer | undefined, values: Values) {
  if (!body?.length) return { isBase64Encoded: false };
  const asText = textType.test(values.get("content-type")?.[0] ?? "") && !values.has("content-encoding");
  return { body: body.toString(asText ? "utf8" : "base64"), isBase64Encoded: !asText };
}
