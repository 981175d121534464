import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { tidyPath, viewAt, viewPaths } from "../../core/domain/views.ts";
import { textAnswer } from "../text-answer.ts";

export type ClientOptions = {
  /** The built player: `index.html`, and `assets/` whose names carry a hash of their content. */
  readonly folder: string;
};

/**
 * The web player. Its page must always be asked for anew; what it names may be kept for ever, and comes compressed from
 * the build. A browser that is sent to an address of no view gets the view that it means, or a page that says that there
 * is none; anything else than a browser gets a problem document.
 */
export const client: FastifyPluginAsync<ClientOptions> = async (app, { folder }) => {
  const content = await readFile(join(folder, "index.html")).catch(() => {
    throw new Error(`There is no built player in ${folder}: run "npm run build"`);
  });
  const page = textAnswer({ type: "text/html; charset=utf-8", cacheControl: "no-cache", content });
  await app.register(fastifyStatic, {
    root: join(folder, "assets"),
    prefix: "/assets/",
    decorateReply: false,
    preCompressed: true,
    immutable: true,
    maxAge: "365d",
  });

  async function show(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const [path = "", query] = splitQuery(request.url);
    if (viewAt(path).page !== "not-found") return page(request, reply);
    const tidy = tidyPath(path);
    if (tidy !== undefined) return reply.header("cache-control", "no-cache").redirect(tidy + query, 308);
    reply.header("vary", "Accept");
    if (asksForPage(request)) return page(request, reply, 404);
    reply.callNotFound();
    return reply;
  }

  // The paths of views stand for themselves too, so that other methods are told of GET there.
  for (const url of [...viewPaths, "/*"]) app.get(url, show);
};

/** @returns path, and query with its question mark or nothing */
function splitQuery(url: string): readonly [string, string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at)];
}

const asksForPage = ({ headers }: FastifyRequest): boolean => headers.accept?.includes("text/html") === true;
