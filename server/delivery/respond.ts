import type { FastifyReply, FastifyRequest } from "fastify";
import type { ByteRange } from "../../core/domain/delivery/ranges.ts";
import {
  planResponse,
  type Representation,
  type ResponsePlan,
} from "../../core/domain/delivery/response-plan.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { createConnectionClose } from "./connection-close.ts";
import type { PeerWatch } from "./peer-watch.ts";
import type { AudioReader, RangeReader } from "./range-reader.ts";
import { createResponseWriter } from "./response-writer.ts";
import { sendParts } from "./send-parts.ts";

type Fields = Readonly<Record<string, string>>;

/** One version of an object in the store, and the signal that ends its sending. */
type Sending = {
  readonly object: Representation & { readonly key: string };
  readonly signal: AbortSignal;
  onBytes?(count: number): void;
};

/**
 * Answers a GET or HEAD with an object: whole, in part, or by a refusal.
 * @returns how many bytes of the object were handed over, at once or when the last has been, or the client has left, or
 * `signal` has ended it. They may still lie in the kernel's buffer: see `AckTracker`.
 * @param fields header fields of the answer beside those that RFC 9110 has for it
 * @throws DomainError `precondition-failed`, `range-not-satisfiable`, or (rejects) `not-found`, `unavailable` by the
 * store; only before anything is sent. What breaks later breaks the connection.
 */
export type Respond = (
  request: FastifyRequest,
  reply: FastifyReply,
  sending: Sending,
  fields: Fields,
) => Promise<number> | number;

/** Most bytes that an answer hands over in one piece: a client that does not read holds as much. */
const maxAtOnce = 1024 * 1024;

/** Most bytes of such answers that wait for their clients; while there are more, answers are sent as they are read. */
const maxWaiting = 64 * 1024 * 1024;

export function createResponder(reader: AudioReader, peers: PeerWatch): Respond {
  const onClose = createConnectionClose();
  let waiting = 0;

  /** Sends a range that is in memory, without waiting for anything. @returns how many bytes; 0 where it is not */
  function sendFromMemory(reply: FastifyReply, plan: ResponsePlan, sending: Sending): number {
    const range = onlyRange(plan);
    if (!range || range.end - range.start >= maxAtOnce || waiting > maxWaiting) return 0;
    const pieces = reader.peek(sending.object, range);
    if (!pieces) return 0;
    const response = sendHead(reply, plan);
    const last = pieces.length - 1;
    for (let index = 0; index < last; index += 1) response.write(pieces[index]);
    response.end(pieces[last]);
    const bytes = range.end + 1 - range.start;
    sending.onBytes?.(bytes);
    return bytes;
  }

  /** The connection takes the rest in its own time, and may be cut until then. */
  async function untilSent(reply: FastifyReply, { signal }: Sending, handed: number): Promise<number> {
    const bytes = reply.raw.writableLength;
    waiting += bytes;
    const writer = createResponseWriter({
      response: reply.raw,
      signal,
      onClose,
      peers,
      onDestroyed: () => {},
    });
    await writer.end();
    writer.unsubscribe();
    waiting -= bytes;
    return handed;
  }

  async function sendAsRead(reply: FastifyReply, plan: ResponsePlan, sending: Sending): Promise<number> {
    let handed = 0;
    const { object, signal } = sending;
    let range: RangeReader | undefined;
    const writer = createResponseWriter({
      response: reply.raw,
      signal,
      onClose,
      peers,
      onDestroyed: () => range?.close("left"),
    });
    try {
      await sendParts({
        parts: plan.parts,
        writer,
        open: (part) => {
          range = reader.open(object, part);
          return range;
        },
        sendHead: () => void sendHead(reply, plan),
        onBytes: (count) => {
          handed += count;
          sending.onBytes?.(count);
        },
      });
      await writer.end();
    } catch (error) {
      range?.close("left");
      if (!writer.destroyed) breakOff(error, reply);
    } finally {
      writer.unsubscribe();
    }
    // Nobody is left to answer, so Fastify need not try.
    if (!reply.sent) reply.hijack();
    return handed;
  }

  return (request, reply, sending, fields) => {
    const { method, headers } = request;
    const plan = planResponse({
      method,
      headers,
      fields,
      representation: sending.object,
      now: new Date(),
    });
    if (plan.parts.length === 0) return sendWithoutBody(reply, plan);
    const handed = sendFromMemory(reply, plan, sending);
    if (handed === 0) return sendAsRead(reply, plan, sending);
    return reply.raw.writableLength > 0 ? untilSent(reply, sending, handed) : handed;
  };
}

function onlyRange({ parts }: ResponsePlan): ByteRange | undefined {
  const [first] = parts;
  return parts.length === 1 && typeof first === "object" ? first : undefined;
}

/** Past Fastify's `send`, which would want a stream of its own for each response. */
function sendHead(reply: FastifyReply, { status, headers }: ResponsePlan): FastifyReply["raw"] {
  reply.hijack();
  return reply.raw.writeHead(status, headers);
}

function sendWithoutBody(reply: FastifyReply, { status, headers }: ResponsePlan): 0 {
  reply.code(status).headers(headers);
  if (status === 412) throw new DomainError("precondition-failed");
  if (status === 416) throw new DomainError("range-not-satisfiable");
  reply.send();
  return 0;
}

/** What the connection holds still arrives: it is true, and the length says that more is missing. */
function breakOff(error: unknown, reply: FastifyReply): void {
  if (!reply.sent) throw toRefusal(error);
  reply.log.warn({ reqId: reply.request.id, err: error }, "A body broke off");
  reply.raw.req.socket.destroy();
}

/** The client's own preconditions held: that the store has another version by now is for us to catch up with. */
const toRefusal = (error: unknown): unknown =>
  error instanceof DomainError && error.kind === "precondition-failed"
    ? new DomainError("unavailable", "It is being replaced; try again", { retryAfterSeconds: 1 })
    : error;
