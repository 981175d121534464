import type { IncomingMessage, ServerResponse } from "node:http";

/** What a browser on this machine may be: pages of other sites must not reach a visitor's own S3. */
const isLoopback = (origin: string): boolean =>
  /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(origin);

/**
 * Lets the player's page, whose port differs, put parts and read what S3 answers.
 * @returns whether the request was a preflight, which is then answered
 */
export function handleCors(request: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = request.headers;
  if (origin !== undefined && isLoopback(origin)) {
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader(
      "access-control-expose-headers",
      "etag, content-range, accept-ranges, x-amz-request-id",
    );
    response.setHeader("vary", "origin");
  }
  if (request.method !== "OPTIONS") return false;
  const isAllowed = response.hasHeader("access-control-allow-origin");
  if (isAllowed) allowPreflight(request, response);
  response.writeHead(isAllowed ? 204 : 403).end();
  return true;
}

function allowPreflight(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("access-control-allow-methods", "GET, HEAD, PUT, POST, DELETE");
  response.setHeader(
    "access-control-allow-headers",
    request.headers["access-control-request-headers"] ?? "*",
  );
  response.setHeader("access-control-max-age", "3000");
}
