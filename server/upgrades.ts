import type { IncomingMessage, ServerOptions } from "node:http";

/** The path of a node's live endpoint. */
export const livePath = "/live";

/**
 * Takes requests to upgrade for such only where there is a WebSocket; elsewhere they are requests like others (RFC
 * 9110 §7.8). Node.js looks no more after a socket whose request was an upgrade: answered with 404, it would stay open
 * for as long as a stranger likes.
 */
export const upgradesOnlyAt = (paths: readonly string[]): ServerOptions => ({
  shouldUpgradeCallback: (request: IncomingMessage): boolean =>
    isHandshake(request) && paths.includes(request.url?.replace(/\?.*/s, "") ?? ""),
});

/** RFC 6455 §4.2.1: a GET of HTTP/1.1 with a Host. Neither Node.js nor `ws` looks at all of it. */
const isHandshake = ({ method, httpVersion, headers }: IncomingMessage): boolean =>
  method === "GET" && httpVersion === "1.1" && headers.host !== undefined;
