import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyPluginAsync } from "fastify";
import { absolutePath } from "swagger-ui-dist";
import { textAnswer } from "../text-answer.ts";

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

const javascript = "text/javascript; charset=utf-8";
const file = (name: string) => () => readFile(join(absolutePath(), name));
/** Their names stay the same when the package or this file changes. */
const cacheControl = "no-cache";
const texts = {
  "/docs": textAnswer({ type: "text/html; charset=utf-8", cacheControl, content: page }),
  "/docs/reference.js": textAnswer({ type: javascript, cacheControl, content: script }),
  "/docs/assets/swagger-ui.css": textAnswer({
    type: "text/css; charset=utf-8",
    cacheControl,
    content: file("swagger-ui.css"),
  }),
  "/docs/assets/swagger-ui-bundle.js": textAnswer({
    type: javascript,
    cacheControl,
    content: file("swagger-ui-bundle.js"),
  }),
};

/** `/docs`: the OpenAPI document, to be browsed and tried. */
export const referenceRoutes: FastifyPluginAsync = async (app) => {
  for (const [url, answer] of Object.entries(texts)) app.get(url, (request, reply) => answer(request, reply));
};
