import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import fp from "fastify-plugin";
import { problemHeaders, toProblem } from "../../core/contract/problem.ts";
import { isLoopbackName, parseHost } from "./loopback.ts";

/** What proxies, tunnels and networks of delivery write into a request that they hand on. */
const forwarding = [
  /^(x-)?forwarded($|-)/,
  /^(via|cdn-loop|max-forwards|client-ip|remote-addr|front-end-https)$/,
  /^x-(real|client|cluster-client|remote|originating|original|proxy|envoy|proto|scheme|url-scheme|ssl|host|https)($|-)/,
  /^(wl-)?proxy-(client|remote|connection|ssl)/,
  /^true-client-ip$/,
  /^(cf|fastly|akamai|fly|tailscale|ngrok|x-(amzn?|amz-cf|azure|arr|appengine|cloud-trace|vercel|nf|render))-/,
];

const isForwarded = ({ headers, httpVersion }: IncomingMessage): boolean =>
  Object.keys(headers).some((name) => forwarding.some((pattern) => pattern.test(name))) ||
  // nginx, where nothing is configured: its Host is the one that it connects to, and it names nobody else.
  (httpVersion === "1.0" && headers.connection?.toLowerCase() === "close");

/** A page of another host asks: through a proxy that names Encore as its own `Host`, or by a name that points here. */
function isOfForeignPage({ origin }: IncomingHttpHeaders): boolean {
  const url = URL.parse(origin ?? "");
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  return isWeb && !isLoopbackName(url.hostname.replace(/^\[|\]$/g, ""));
}

/** Whether somebody at this machine asks, by a name of this machine, with nobody between. */
export function isFromThisMachine(request: IncomingMessage): boolean {
  const host = parseHost(request.headers.host);
  return (
    host !== undefined &&
    isLoopbackName(host.name) &&
    !isForwarded(request) &&
    !isOfForeignPage(request.headers)
  );
}

const refusal = toProblem("origin-not-allowed", {
  detail:
    "This Encore has demo accounts with known passwords, so it answers its own machine alone. " +
    "Start it with PUBLIC_URL set to the address that browsers use, as docs/self-hosting.md shows",
});

/**
 * Refuses everything that comes from elsewhere, whoever is signed in: where demo accounts are, their passwords are
 * known to all, and what they opened from this machine must not be used from another one either.
 */
export const thisMachineOnly = fp(async (app) => {
  app.addHook("onRequest", async (request, reply) => {
    if (isFromThisMachine(request.raw)) return;
    // Nobody looks after the socket of a request to upgrade any more (see `server/upgrades.ts`).
    if (request.raw.headers.upgrade) reply.raw.once("finish", () => request.raw.socket.destroySoon());
    const headers = { ...problemHeaders(refusal), connection: "close" };
    return reply.code(refusal.status).headers(headers).send(JSON.stringify(refusal));
  });
});
