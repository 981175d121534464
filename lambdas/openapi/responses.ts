import { Problem, type ProblemKind, problems } from "../../core/contract/problem.ts";
import type { Route } from "../routes/route.ts";
import type { Schemas } from "./components.ts";

export type Json = Record<string, unknown>;

/** Every status that can come: the route's own success and refusals, and what stands before the function says. */
export function responsesOf(route: Route, use: Schemas): Json {
  const { status, schema } = route.success;
  const success = {
    description: status === 204 ? "Done" : route.summary,
    ...(schema && { content: { "application/json": { schema: use(schema) } } }),
  };
  return { [status]: success, ...acceptedBy(route, use), ...refusalsOf(route, use) };
}

const acceptedBy = ({ accepted }: Route, use: Schemas): Json =>
  accepted
    ? {
        202: {
          description: "The work goes on; ask at `Location` after `Retry-After` seconds",
          headers: {
            Location: { required: true, schema: { type: "string", format: "uri-reference" } },
            "Retry-After": { required: true, schema: { type: "integer", minimum: 0 } },
          },
          content: { "application/json": { schema: use(accepted) } },
        },
      }
    : {};

/** A status may stand for several kinds; its response names them all. */
function refusalsOf(route: Route, use: Schemas): Json {
  const byStatus = Map.groupBy(problemsOf(route), (kind) => String(problems[kind].status));
  const statuses = new Set([...byStatus.keys(), ...Object.keys(gatewaysOwn)]);
  return Object.fromEntries(
    [...statuses].map((status) => [status, refusal(status, byStatus.get(status) ?? [], use)]),
  );
}

function refusal(status: string, kinds: readonly ProblemKind[], use: Schemas): Json {
  const own = gatewaysOwn[status];
  const headers = headersOf(status, kinds);
  return {
    description: [...kinds.map((kind) => `\`${kind}\`: ${problems[kind].title}`), ...(own ? [own] : [])].join(
      "\n\n",
    ),
    ...(Object.keys(headers).length > 0 && { headers }),
    content: {
      ...(kinds.length > 0 && { "application/problem+json": { schema: use(Problem) } }),
      ...(own && { "application/json": { schema: gatewayMessage } }),
    },
  };
}

/**
 * What HTTP servers and API Gateway answer before a function is asked, or in its place.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const gatewaysOwn: Readonly<Record<string, string>> = {
  400: "What came is no HTTP",
  408: "The request took too long to come",
  413: "The body is larger than the gateway takes (10 MiB; 6 MiB reach a function)",
  429: "The gateway takes no more requests just now",
  431: "Request line and header fields are longer than 10,240 bytes together",
  500: "Something went wrong on our side",
  503: "Encore is not available just now; try again",
  504: "No answer within 29 s",
};

const gatewayMessage = { type: "object", properties: { message: { type: "string" } }, required: ["message"] };

/** RFC 9110 §10.2.3 and §11.6.1. */
function headersOf(status: string, kinds: readonly ProblemKind[]): Json {
  const comesBack = ["429", "503"].includes(status) || kinds.includes("upload-quota");
  return {
    ...(comesBack && {
      "Retry-After": { description: "Seconds to wait", schema: { type: "integer", minimum: 0 } },
    }),
    ...(status === "401" && {
      "WWW-Authenticate": { description: "How to sign in", required: true, schema: { type: "string" } },
    }),
  };
}

/** Beside what a route names itself: what its shape makes possible. */
function problemsOf(route: Route): ProblemKind[] {
  const takesInput = route.params || route.query || route.body || route.bytes || route.conditional;
  return [
    ...(takesInput ? (["invalid-request"] as const) : []),
    ...(route.access === "public" ? [] : (["not-signed-in", "session-ended"] as const)),
    ...(route.access === "curator" || route.access === "ops" ? (["not-allowed"] as const) : []),
    ...(route.method === "GET" ? [] : (["origin-not-allowed"] as const)),
    ...(route.body || route.bytes ? (["too-large", "unsupported-media-type"] as const) : []),
    ...(route.problems ?? []),
    ...(["too-many-requests", "internal", "unavailable"] as const),
  ];
}
