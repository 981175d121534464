import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { checkPreconditions } from "../core/domain/delivery/preconditions.ts";
import { type ContentCoding, chooseCoding, encode } from "../core/domain/shared/content-coding.ts";

/** A text that stays the same while the process runs. */
export type TextOptions = {
  /** Its media type. */
  readonly type: string;
  readonly cacheControl: string;
  readonly content: string | Buffer | (() => Promise<Buffer>);
};

type Variant = { readonly etag: string; readonly body: Buffer };

/**
 * Answers GET and HEAD with a text in the coding that the asker takes, each made once and known by an entity tag of its
 * own: RFC 9110 §8.8.3.3 wants strong tags to differ between codings.
 */
export function textAnswer({ type, cacheControl, content }: TextOptions) {
  const variants = new Map<ContentCoding, Promise<Variant>>();
  const read = async () => (typeof content === "function" ? content() : Buffer.from(content));

  async function make(coding: ContentCoding): Promise<Variant> {
    const body = await encode(coding, await read(), quality);
    return { body, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` };
  }

  function variant(coding: ContentCoding): Promise<Variant> {
    const known = variants.get(coding);
    if (known) return known;
    const made = make(coding);
    variants.set(coding, made);
    // What could not be read once is read again.
    made.catch(() => variants.delete(coding));
    return made;
  }

  /** @param status another than 200 is answered whatever the asker has already */
  return async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    status = 200,
  ): Promise<FastifyReply> {
    const coding = chooseCoding(request.headers["accept-encoding"]?.toString());
    const { etag, body } = await variant(coding);
    reply.headers({ "cache-control": cacheControl, vary: varyOf(reply, "Accept-Encoding") });
    if (status !== 200) return send(reply.code(status), coding, body);
    reply.header("etag", etag);
    const state = checkPreconditions(request.headers, { etag }, new Date());
    return state === "not-modified" ? reply.code(304).send() : send(reply, coding, body);
  };

  function send(reply: FastifyReply, coding: ContentCoding, body: Buffer): FastifyReply {
    if (coding !== "identity") reply.header("content-encoding", coding);
    return reply.type(type).send(body);
  }
}

/** The fields of a request that an answer depends on (RFC 9110 §12.5.5), with one more. */
const varyOf = (reply: FastifyReply, name: string): string =>
  [reply.getHeader("vary"), name].filter(Boolean).join(", ");

/** Of brotli's 11: 0.1 s for the largest text, where the best takes 3.4 s and saves 8 %. */
const quality = 9;
