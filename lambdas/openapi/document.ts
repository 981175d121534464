import type { TSchema } from "typebox";
import { ChangeId } from "../../core/contract/subscriptions.ts";
import { entityTag } from "../http/request.ts";
import { restRoutes } from "../routes/rest.ts";
import type { Route } from "../routes/route.ts";
import { createComponents, type Schemas } from "./components.ts";
import { type Json, responsesOf } from "./responses.ts";

/** The OpenAPI 3.1 document of the REST API, made from the very table that routes and validates it. */
export function openApiDocument(serverUrl: string): Json {
  const components = createComponents();
  const paths: Record<string, Json> = {};
  for (const route of restRoutes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operation(route, components.use),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Encore",
      version: "1.0.0",
      summary: "Subscribe to songs, stream them by plan, and see every change on every device at once.",
      description:
        "Errors are problem documents (RFC 9457) with a stable `type`. Lists page by an opaque `cursor`. " +
        "An address that has other methods answers 405 with `Allow`. " +
        "Sign in by `POST /api/auth/login`: browsers get cookies, other clients ask for " +
        '`"session": "bearer"`.\n\nAudio (`GET /stream/{songId}`, byte ranges by RFC 9110), covers ' +
        "(`GET /covers/{songId}`) and live connections (`/live`, WebSocket) are served beside this API. Where all " +
        "devices of a plan play, the newest takes the place of the one that began first. That one is answered " +
        "`too-many-devices` (403, with `playingOn`) for 30 s, unless its request has `?take=ID`: an id of up to 64 " +
        "characters, another for each time that a person asks to play there.",
      license: { name: "All rights reserved", identifier: "LicenseRef-Proprietary" },
    },
    servers: [{ url: serverUrl }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: components.schemas(),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        cookie: { type: "apiKey", in: "cookie", name: "__Host-encore-access" },
      },
    },
  };
}

const tags: Record<Route["area"], string> = {
  auth: "Accounts, sessions and plans",
  catalogue: "Songs, albums and artists",
  subscriptions: "The songs that an account subscribes to",
  uploads: "Bringing music in (curators)",
  covers: "Pictures of songs (curators)",
  live: "The live endpoints' URLs, and tickets",
  ops: "Watching and ending connections (operators)",
  docs: "This document",
};

function operation(route: Route, use: Schemas): Json {
  return {
    operationId: route.operation,
    summary: route.summary,
    tags: [route.area],
    ...(route.access === "public" && { security: [] }),
    ...(route.access === "curator" || route.access === "ops"
      ? { description: `For the role \`${route.access}\` only.` }
      : {}),
    parameters: parametersOf(route, use),
    ...requestBodyOf(route, use),
    responses: responsesOf(route, use),
  };
}

function requestBodyOf({ body, bodyOptional, bytes }: Route, use: Schemas): Json {
  if (body)
    return {
      requestBody: {
        required: bodyOptional !== true,
        content: { "application/json": { schema: use(body) } },
      },
    };
  if (!bytes) return {};
  const { contentTypes, maxBytes } = bytes;
  const description = `At most ${maxBytes} bytes`;
  // OpenAPI 3.1 §4.8.14: bytes have a media type and no schema.
  const content = Object.fromEntries(contentTypes.map((contentType) => [contentType, {}]));
  return { requestBody: { required: true, description, content } };
}

function parametersOf(route: Route, use: Schemas): Json[] {
  const from = (place: "path" | "query", schema: Route["params"]) =>
    Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
      name,
      in: place,
      required: place === "path",
      schema: use(property as TSchema),
    }));
  return [
    ...from("path", route.params),
    ...from("query", route.query),
    ...(route.conditional ? conditions : []),
  ];
}

const conditions: Json[] = [
  {
    name: "Idempotency-Key",
    in: "header",
    description:
      "The client's own name for this change: the same name again is the same change, not another one",
    schema: ChangeId,
  },
  {
    name: "If-Match",
    in: "header",
    description:
      "The subscription's `revision` in quotes: 412 where it is another by now; `*`: 412 where there is no subscription",
    schema: { anyOf: [{ const: "*" }, { type: "string", pattern: entityTag.source, examples: ['"12"'] }] },
  },
  {
    name: "If-None-Match",
    in: "header",
    description: "`*`: 412 where there is a subscription by now",
    schema: { type: "string", enum: ["*"] },
  },
];
