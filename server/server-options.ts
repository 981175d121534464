import type { Server } from "node:http";
import { type FastifyHttpOptions, LogController } from "fastify";
import { ulid } from "ulid";
import { answerWithProblem } from "./plugins/problems.ts";
import { livePath, upgradesOnlyAt } from "./upgrades.ts";

/** Unlike anybody else's, and made without randomness for each: that took a fifth of the time of a range. */
function createRequestIds(): () => string {
  const process = ulid();
  let count = 0;
  return () => `${process}-${(count++).toString(36)}`;
}

/**
 * How an instance that carries this app is made. Paths are logged without their query: it may hold a ticket.
 * @param otherSockets paths of WebSockets beside the live endpoint
 */
export const serverOptions = (
  level: string,
  otherSockets: readonly string[] = [],
): FastifyHttpOptions<Server> => ({
  http: upgradesOnlyAt([livePath, ...otherSockets]),
  logger: {
    level,
    serializers: { req: ({ method, url }) => ({ method, path: url.replace(/\?.*/, "") }) },
  },
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: createRequestIds(),
  // One logger for all requests: a child for each takes longer than most have anything to tell of, so whoever logs says
  // which request it was.
  childLoggerFactory: (logger) => logger,
  frameworkErrors: answerWithProblem,
  forceCloseConnections: "idle",
  // A listener may pause for long; what must be quick is the request itself.
  requestTimeout: 30_000,
  keepAliveTimeout: 72_000,
});
