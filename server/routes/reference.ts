import fastifyStatic from "@fastify/static";
import type { FastifyPluginAsync } from "fastify";
import { absolutePath } from "swagger-ui-dist";

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Encore API reference</title>
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
  </head>
  <body>
    <div id="reference"></div>
    <noscript>The reference is made from <a href="/api/openapi.json">the OpenAPI document</a> by JavaScript.</noscript>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/reference.js"></script>
  </body>
</html>
`;

const script = `SwaggerUIBundle({
  url: "/api/openapi.json",
  domNode: document.getElementById("reference"),
  deepLinking: true,
  validatorUrl: null,
});
`;

const files = new Set(["/swagger-ui.css", "/swagger-ui-bundle.js"]);

/** `/docs`: the OpenAPI document, to be browsed and tried. */
export const referenceRoutes: FastifyPluginAsync = async (app) => {
  await app.register(fastifyStatic, {
    root: absolutePath(),
    prefix: "/docs/assets/",
    decorateReply: false,
    allowedPath: (path) => files.has(path),
  });
  app.get("/docs", (_request, reply) => reply.type("text/html; charset=utf-8").send(page));
  app.get("/docs/reference.js", (_request, reply) =>
    reply.type("text/javascript; charset=utf-8").send(script),
  );
};
