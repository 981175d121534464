import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import type { Environment } from "../../core/domain/ports.ts";
import { readPort } from "../../server/config.ts";
import { explainListenError } from "../../server/listen-error.ts";
import { localGatewayPath } from "./gateway/local-gateway.ts";
import { isLoopbackName, parseHost } from "./loopback.ts";

/** Where Encore listens, and how browsers name it. */
export type Address = {
  readonly host: string;
  readonly port: number;
  /** Origin of the player's page, like `http://127.0.0.1:8080`. */
  readonly publicUrl: string;
  /** Whether it is for nobody but this machine: it listens there alone, and browsers name it so. */
  readonly isLoopback: boolean;
};

const hostnameOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, "");

/** `HOST`, `PORT` (0: any free one) and `PUBLIC_URL`. @throws Error that says what to set */
export async function chooseAddress(env: Environment): Promise<Address> {
  const host = env.HOST ?? "127.0.0.1";
  if (!isLoopbackName(host) && !env.PUBLIC_URL)
    throw new Error(
      `With HOST=${host}, set PUBLIC_URL to the address that browsers use, like https://encore.example`,
    );
  const port = await probe(host, readPort(env));
  const publicUrl = new URL(env.PUBLIC_URL ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`);
  const isLoopback = isLoopbackName(host) && isLoopbackName(hostnameOf(publicUrl.origin));
  return { host, port, publicUrl: publicUrl.origin, isLoopback };
}

/** What the owner of an Encore should know of where it is, in sentences. */
export function describeRisks({ host, publicUrl, isLoopback }: Address, env: Environment): string[] {
  const isPlain = publicUrl.startsWith("http:") && !isLoopbackName(hostnameOf(publicUrl));
  const countsTogether = !isLoopback && isLoopbackName(host) && !env.TRUSTED_PROXIES;
  return [
    ...(isPlain
      ? [
          `to ${publicUrl} passwords and music travel unprotected, and whoever is on the network between can read them; docs/self-hosting.md shows how to put TLS in front`,
        ]
      : []),
    ...(countsTogether
      ? [
          "all who come through the proxy share one budget of sign-in tries; set TRUSTED_PROXIES to its address, as docs/self-hosting.md shows",
        ]
      : []),
  ];
}

/** What functions and server are to know of it. */
export function addressEnvironment({ host, port, publicUrl, isLoopback }: Address) {
  const socketUrl = publicUrl.replace(/^http/, "ws");
  const origins = isLoopback ? loopbackOrigins(port) : [];
  return {
    HOST: host,
    PORT: String(port),
    PUBLIC_URL: publicUrl,
    ALLOWED_ORIGINS: [...new Set([publicUrl, ...origins])].join(","),
    LIVE_NODE_URL: `${socketUrl}/live`,
    LIVE_GATEWAY_URL: `${socketUrl}${localGatewayPath}`,
  };
}

const loopbackOrigins = (port: number): string[] =>
  ["127.0.0.1", "localhost", "[::1]"].map((name) => `http://${name}:${port}`);

/**
 * Cookies belong to one host name, so a page opened as `localhost` would be signed out at the live endpoints, which go by
 * the public URL: it is sent there. Only where this process is what answers there: behind a proxy that names another
 * `Host`, the page would be sent in circles.
 */
export const oneHostName = ({ publicUrl, port, isLoopback }: Address) =>
  fp(async (app: FastifyInstance) => {
    const { host, port: publicPort } = new URL(publicUrl);
    if (!isLoopback || (publicPort || "80") !== String(port)) return;
    app.addHook("onRequest", async ({ method, headers, url }, reply) => {
      const isPage = method === "GET" && headers.accept?.includes("text/html");
      const asked = parseHost(headers.host);
      if (!isPage || !asked || headers.host === host) return;
      if (isLoopbackName(asked.name) && (asked.port || "80") === String(port))
        return reply.redirect(`${publicUrl}${url}`);
    });
  });

/**
 * The functions must know the port before anything listens on it, and who waits for the demo library should not learn
 * only then that it is taken.
 */
async function probe(host: string, wanted: number): Promise<number> {
  const server = createServer().listen(wanted, host);
  await once(server, "listening").catch((error) => {
    throw explainListenError(error, { host, port: wanted }, { host: "HOST", port: "PORT" });
  });
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
