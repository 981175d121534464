import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import type { Environment } from "../../core/domain/ports.ts";
import { readPort } from "../../server/config.ts";
import { gatewayPath } from "./gateway/local-gateway.ts";

/** Where Encore listens, and how browsers name it. */
export type Address = {
  readonly host: string;
  readonly port: number;
  /** Origin of the player's page, like `http://127.0.0.1:8080`. */
  readonly publicUrl: string;
  /** Whether nobody but this machine can come. */
  readonly isLoopback: boolean;
};

const loopbackHosts = ["127.0.0.1", "localhost", "::1"];

/** `HOST`, `PORT` (0: any free one) and `PUBLIC_URL`. @throws Error that says what to set */
export async function chooseAddress(env: Environment): Promise<Address> {
  const host = env.HOST ?? "127.0.0.1";
  const isLoopback = loopbackHosts.includes(host);
  if (!isLoopback && !env.PUBLIC_URL)
    throw new Error(
      `With HOST=${host}, set PUBLIC_URL to the address that browsers use, like https://encore.example`,
    );
  const port = await probe(host, readPort(env));
  const publicUrl = env.PUBLIC_URL ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return { host, port, publicUrl: new URL(publicUrl).origin, isLoopback };
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
    LIVE_GATEWAY_URL: `${socketUrl}${gatewayPath}`,
  };
}

const loopbackOrigins = (port: number): string[] =>
  ["127.0.0.1", "localhost", "[::1]"].map((name) => `http://${name}:${port}`);

/**
 * Cookies belong to one host name, so a page opened as `localhost` would be signed out at the live doors, which go by
 * the public URL: it is sent there.
 */
export const oneHostName = ({ publicUrl, isLoopback }: Address) =>
  fp(async (app: FastifyInstance) => {
    const { host } = new URL(publicUrl);
    if (!isLoopback) return;
    app.addHook("onRequest", async (request, reply) => {
      const isPage = request.method === "GET" && request.headers.accept?.includes("text/html");
      if (isPage && request.host !== host) return reply.redirect(`${publicUrl}${request.url}`);
    });
  });

/**
 * The functions must know the port before anything listens on it, and who waits for the demo library should not learn
 * only then that it is taken.
 */
async function probe(host: string, wanted: number): Promise<number> {
  const server = createServer().listen(wanted, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
