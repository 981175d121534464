import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { asUnavailable } from "../../core/aws/unavailable.ts";
import { type ProblemKind, problemHeaders } from "../../core/contract/problem.ts";
import { DomainError } from "../../core/domain/errors.ts";

/** Every refusal of this server is a problem document; what was not meant to happen tells nothing of its inside. */
export const problemDocuments = fp(
  async (app) => {
    const methodsAt = rememberRoutes(app);
    app.setErrorHandler(answerWithProblem);
    // Before a body is read: Fastify would ask for the content type of some methods first.
    app.addHook("onRequest", (request, _reply, done) => {
      done(request.is404 ? DomainError.noRoute(request.method, methodsAt(request.url)) : undefined);
    });
    // For a route that finds nothing.
    app.setNotFoundHandler((_request, reply) => {
      sendProblem(reply, new DomainError("not-found", "Nothing is at this address"));
    });
  },
  { name: "problem-documents" },
);

/**
 * @returns the methods by which there is a route at a URL, of the routes that are added from now on; but for the one that
 * takes every address, and says of most that nothing is there
 */
function rememberRoutes(app: FastifyInstance): (url: string) => string[] {
  const routes: { readonly methods: readonly string[]; readonly pattern: RegExp }[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    if (url !== "/*") routes.push({ methods: [method].flat(), pattern: patternOf(url) });
  });
  return (url) => {
    const path = url.replace(/\?.*/s, "");
    return routes.flatMap(({ methods, pattern }) => (pattern.test(path) ? methods : []));
  };
}

/** Of a route's URL, whose segments are text, a parameter (`:id`), or a wildcard at the end. */
function patternOf(url: string): RegExp {
  const segments = url.split("/").map((segment) => {
    if (segment.startsWith(":")) return "[^/]+";
    return segment === "*" ? ".*" : RegExp.escape(segment);
  });
  return new RegExp(`^${segments.join("/")}$`);
}

/** Also for errors that come before routing, as `frameworkErrors` of the app. */
export function answerWithProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const unavailable = asUnavailable(error);
  if (unavailable) request.log.warn({ reqId: request.id, err: error }, "A request was refused by the store");
  const refusal =
    error instanceof DomainError ? error : (unavailable ?? fromFramework(error as FastifyError));
  if (refusal.kind === "internal") request.log.error({ reqId: request.id, err: error }, "A request failed");
  sendProblem(reply, refusal);
}

function sendProblem(reply: FastifyReply, refusal: DomainError): void {
  const problem = refusal.toProblem(reply.request.id);
  reply.code(problem.status).headers(problemHeaders(problem)).send(JSON.stringify(problem));
}

const kindOfStatus: Readonly<Record<number, ProblemKind>> = {
  404: "not-found",
  405: "method-not-allowed",
  413: "too-large",
  415: "unsupported-media-type",
  503: "unavailable",
};

/** Fastify's own refusals say what is wrong with the request; anything else is a fault of ours. */
function fromFramework({ statusCode = 500, message }: FastifyError): DomainError {
  const kind = kindOfStatus[statusCode] ?? (statusCode < 500 ? "invalid-request" : "internal");
  return kind === "invalid-request" ? new DomainError(kind, message) : new DomainError(kind);
}
