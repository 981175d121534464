import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { DomainError } from "../domain/errors.ts";
import type { ObjectReader, ObjectSigner, ReadRequest } from "../domain/shared/object-store.ts";

/** How long a URL is used; far less than it is good for, since it ends with the credentials that signed it. */
const reuseMs = 5 * 60_000;
const rememberedUrls = 10_000;

type SignedUrl = {
  readonly url: Promise<URL>;
  /** On the clock of `performance.now`, in milliseconds. */
  readonly usableUntil: number;
};

/** Connections are kept, and there are enough of them for every listener to miss the cache at once. */
const agentOptions = { keepAlive: true, maxSockets: 512 };
const http11 = { get: http.get, agent: new http.Agent(agentOptions) };
const https11 = { get: https.get, agent: new https.Agent(agentOptions) };

/**
 * Reads objects by URLs that are signed once for many ranges. The SDK would take more than a millisecond to sign each
 * range and to pass it through its middleware, which is most of the wait for a first byte (docs/performance.md); and of
 * all that it does, a reader that goes on by itself from where a body broke needs nothing.
 */
export function createObjectReader({ sign }: Pick<ObjectSigner, "sign">): ObjectReader {
  // In the order in which they were signed.
  const signed = new Map<string, SignedUrl>();

  function urlOf(key: string): Promise<URL> {
    const known = signed.get(key);
    if (known && performance.now() < known.usableUntil) return known.url;
    const url = sign(key, "GET").then((text) => new URL(text));
    signed.delete(key);
    signed.set(key, { url, usableUntil: performance.now() + reuseMs });
    url.catch(() => signed.delete(key));
    const [oldest] = signed.keys();
    if (signed.size > rememberedUrls && oldest !== undefined) signed.delete(oldest);
    return url;
  }

  async function ask(request: ReadRequest): Promise<IncomingMessage> {
    const { key } = request;
    const isRemembered = signed.has(key);
    const response = await get(await urlOf(key), request);
    if (response.statusCode !== 403 || !isRemembered) return response;
    // What signed it may have been replaced: an instance's credentials are, every few hours.
    response.resume();
    signed.delete(key);
    return get(await urlOf(key), request);
  }

  return {
    async read(request) {
      const response = await ask(request).catch(asUnavailable);
      const refusal = refusalOf(response, request);
      if (refusal === undefined) return response;
      // The few bytes of an error leave the connection usable; a body that was not asked for may be long.
      if (isSuccess(response)) response.destroy();
      else response.resume();
      throw refusal;
    },
  };
}

function get(url: URL, { etag, start, end, signal }: ReadRequest): Promise<IncomingMessage> {
  const headers = { "if-match": etag, range: `bytes=${start}-${end}` };
  const { agent, get: send } = url.protocol === "https:" ? https11 : http11;
  return new Promise((resolve, reject) => {
    send(url, { agent, headers, signal }, resolve).on("error", reject);
  });
}

const isSuccess = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode < 300;

/** Not every engine that speaks S3 heeds every header, so the answer is held against the question. */
function refusalOf(response: IncomingMessage, { etag, start, end }: ReadRequest): DomainError | undefined {
  const { statusCode, headers } = response;
  if (statusCode === 404) return new DomainError("not-found");
  // 416: the object has become shorter than it was, so it is another version too.
  if (statusCode === 412 || statusCode === 416) return new DomainError("precondition-failed");
  if (!isSuccess(response)) return new DomainError("unavailable", `The store answered ${statusCode}`);
  if (headers.etag !== etag) return new DomainError("precondition-failed");
  if (headers["content-range"]?.startsWith(`bytes ${start}-${end}/`)) return undefined;
  return new DomainError("unavailable", "The store answered with other bytes than were asked for");
}

function asUnavailable(cause: unknown): never {
  throw Object.assign(new DomainError("unavailable"), { cause });
}
