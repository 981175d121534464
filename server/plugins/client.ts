import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyPluginAsync } from "fastify";

export type ClientOptions = {
  /** The built player: `index.html`, and `assets/` whose names carry a hash of their content. */
  readonly folder: string;
};

/** The player's own views; a browser that is sent to one of them gets the player, which shows it. */
const views = [
  "/",
  "/sign-in",
  "/register",
  "/search",
  "/albums",
  "/albums/:id",
  "/artists",
  "/artists/:id",
  "/subscriptions",
  "/account",
  "/operations",
];

/** The web player. Its page must always be asked for anew; what it names may be kept for ever. */
export const client: FastifyPluginAsync<ClientOptions> = async (app, { folder }) => {
  const page = await readFile(join(folder, "index.html")).catch(() => {
    throw new Error(`There is no built player in ${folder}: run "npm run build"`);
  });
  await app.register(fastifyStatic, {
    root: join(folder, "assets"),
    prefix: "/assets/",
    decorateReply: false,
    immutable: true,
    maxAge: "365d",
  });
  for (const view of views) {
    app.get(view, (_request, reply) =>
      reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page),
    );
  }
};
