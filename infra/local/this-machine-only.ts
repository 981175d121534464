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
function isFromThisMachine(request: IncomingMessage): boolean {
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

/** A person's browser, to whom a problem document says nothing. */
const asksForPage = ({ method, headers }: IncomingMessage): boolean =>
  method === "GET" && headers.accept?.includes("text/html") === true;

const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>This Encore answers its own machine alone</title>
<style>body { max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem; font: 1rem/1.6 system-ui, sans-serif }</style>
<h1>This Encore answers its own machine alone</h1>
<p>It has demo accounts whose passwords are known to all, so nobody else is let in.</p>
<p>If it is yours: on the machine where it runs, open the address that <code>npm start</code> prints. To open it to others,
start it with <code>PUBLIC_URL</code> set to the address that browsers use; <code>docs/self-hosting.md</code> shows how.
The demo accounts are gone then.</p>
</html>
`;

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
    reply.code(refusal.status).headers(headers);
    if (!asksForPage(request.raw)) return reply.send(JSON.stringify(refusal));
    return reply.type("text/html; charset=utf-8").header("content-security-policy", pagePolicy).send(page);
  });
});
