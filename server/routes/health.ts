import type { FastifyPluginAsync } from "fastify";
import { DomainError } from "../../core/domain/errors.ts";

export type HealthOptions = {
  /** Rejects while the process cannot serve: what it needs is out of reach. A DomainError's detail is told. */
  readonly ready: () => Promise<void>;
};

/** `/healthz`: the process runs. `/readyz`: it can serve, so a balancer may send listeners here. */
export const healthRoutes: FastifyPluginAsync<HealthOptions> = async (app, { ready }) => {
  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", async (request) => {
    try {
      await ready();
    } catch (error) {
      request.log.warn({ reqId: request.id, err: error }, "Not ready");
      throw error instanceof DomainError
        ? error
        : new DomainError("unavailable", "This node cannot serve just now");
    }
    return { status: "ready" };
  });
};
