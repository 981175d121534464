import type { OutgoingHttpHeaders } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../../core/domain/errors.ts";
import {
  planResponse,
  type Representation,
  type ResponsePlan,
} from "../../core/domain/streaming/response-plan.ts";
import { watchConnections } from "./departures.ts";
import { createOutlet } from "./outlet.ts";
import type { AudioReader, Cursor } from "./reader.ts";
import { transfer } from "./transfer.ts";

/** One version of an object in the store, and who may end its sending. */
export type Sending = {
  readonly object: Representation & { readonly key: string };
  readonly signal: AbortSignal;
  onBytes?(count: number): void;
};

/**
 * Answers a GET or HEAD with an object: whole, in part, or by a refusal. Resolves when the last byte is handed over, or
 * when the client has left, or when `signal` has ended it.
 * @throws DomainError `precondition-failed`, `range-not-satisfiable`, or `not-found`, `unavailable` by the store; only
 * before anything is sent. What breaks later breaks the connection.
 */
export type Respond = (request: FastifyRequest, reply: FastifyReply, sending: Sending) => Promise<void>;

export function createResponder(reader: AudioReader): Respond {
  const onClose = watchConnections();

  async function sendBody(reply: FastifyReply, plan: ResponsePlan, sending: Sending): Promise<void> {
    const { object, signal } = sending;
    let cursor: Cursor | undefined;
    const outlet = createOutlet({
      response: reply.raw,
      signal,
      onClose,
      onGone: () => cursor?.close("left"),
    });
    try {
      await transfer({
        parts: plan.parts,
        outlet,
        open: (range) => {
          cursor = reader.open(object, range);
          return cursor;
        },
        begin: () => sendHead(reply, plan),
        onBytes: (count) => sending.onBytes?.(count),
      });
      await outlet.finish();
    } catch (error) {
      cursor?.close("left");
      if (!outlet.gone) breakOff(error, reply);
    } finally {
      outlet.close();
    }
    // Nobody is left to answer, so Fastify need not try.
    if (!reply.sent) reply.hijack();
  }

  return async (request, reply, sending) => {
    const { method, headers } = request;
    const plan = planResponse({ method, headers, representation: sending.object, now: new Date() });
    if (plan.status === 412 || plan.status === 416) refuse(reply, plan);
    if (plan.parts.length > 0) await sendBody(reply, plan, sending);
    else reply.code(plan.status).headers(plan.headers).send();
  };
}

/** Past Fastify's `send`, which would want a stream of its own for each response. */
function sendHead(reply: FastifyReply, plan: ResponsePlan): void {
  reply.headers(plan.headers);
  reply.hijack();
  reply.raw.writeHead(plan.status, reply.getHeaders() as OutgoingHttpHeaders);
}

function refuse(reply: FastifyReply, plan: ResponsePlan): never {
  reply.headers(plan.headers);
  throw new DomainError(plan.status === 412 ? "precondition-failed" : "range-not-satisfiable");
}

/** What the connection holds still arrives: it is true, and the length says that more is missing. */
function breakOff(error: unknown, reply: FastifyReply): void {
  if (!reply.sent) throw toRefusal(error);
  reply.log.warn({ err: error }, "a body broke off");
  reply.raw.req.socket.destroy();
}

/** The client's own preconditions held: that the store has another version by now is for us to catch up with. */
const toRefusal = (error: unknown): unknown =>
  error instanceof DomainError && error.kind === "precondition-failed"
    ? new DomainError("unavailable", "It is being replaced; try again", { retryAfterSeconds: 1 })
    : error;
