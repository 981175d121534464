import {
  checkPreconditions,
  field,
  type RequestHeaders,
  rangeIsWanted,
  type Validators,
} from "./preconditions.ts";
import { type ByteRange, resolveRange } from "./ranges.ts";

/** One version of something that can be sent. */
export type Representation = Validators & { readonly sizeBytes: number; readonly contentType: string };

export type ResponsePlan = {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** The parts of the body, in order: ranges of the representation, and the text between them. */
  readonly parts: readonly (ByteRange | string)[];
};

export type PlanRequest = {
  readonly method: string;
  readonly headers: RequestHeaders;
  readonly representation: Representation;
  /**
   * Header fields beside those of RFC 9110, for an answer that is no refusal. Headers are cached by the identity of this
   * object: a caller that passes a new object with each request has them made anew each time.
   */
  readonly fields: Headers;
  readonly now: Date;
};

type Headers = Readonly<Record<string, string>>;

/**
 * Plans the answer to a GET or HEAD (RFC 9110 sections 13.2.2, 14.2, 15.3.7, 15.4.5, 15.5.13, 15.5.17). Range counts for GET
 * alone (14.2). A 412 and a 416 have no body here: the caller says what it likes.
 */
export function planResponse({ method, headers, representation, fields, now }: PlanRequest): ResponsePlan {
  const precondition = checkPreconditions(headers, representation, now);
  if (precondition === "failed") return { status: 412, headers: rangesWelcome, parts: [] };
  if (precondition === "not-modified")
    return { status: 304, headers: { ...fields, ...notModified(representation) }, parts: [] };
  const isGet = method === "GET";
  const range = isGet && rangeIsWanted(headers, representation, now) ? field(headers, "range") : undefined;
  const plan = planBody(range, representation, constantHeaders(representation, fields));
  return isGet ? plan : { ...plan, parts: [] };
}

const rangesWelcome: Headers = { "accept-ranges": "bytes" };

function planBody(
  range: string | undefined,
  representation: Representation,
  constant: Headers,
): ResponsePlan {
  const size = representation.sizeBytes;
  const answer = resolveRange(range, size);
  if (answer.kind === "whole") return planWhole(representation, constant);
  if (answer.kind === "unsatisfiable")
    return { status: 416, headers: { ...rangesWelcome, "content-range": `bytes */${size}` }, parts: [] };
  const [first, ...others] = answer.ranges;
  return others.length === 0
    ? planOne(first, representation, constant)
    : planSeveral(answer.ranges, representation, constant);
}

function planWhole({ sizeBytes, contentType }: Representation, constant: Headers): ResponsePlan {
  const headers = { ...constant, "content-type": contentType, "content-length": String(sizeBytes) };
  return { status: 200, headers, parts: sizeBytes === 0 ? [] : [{ start: 0, end: sizeBytes - 1 }] };
}

function planOne(
  range: ByteRange,
  { sizeBytes, contentType }: Representation,
  constant: Headers,
): ResponsePlan {
  const headers = {
    ...constant,
    "content-type": contentType,
    "content-length": String(lengthOf(range)),
    "content-range": contentRange(range, sizeBytes),
  };
  return { status: 206, headers, parts: [range] };
}

/** `multipart/byteranges` (RFC 9110 section 14.6). */
function planSeveral(
  ranges: readonly ByteRange[],
  representation: Representation,
  constant: Headers,
): ResponsePlan {
  const boundary = boundaryFor(representation);
  const parts = ranges.flatMap((range, index) => [
    `${index === 0 ? "" : "\r\n"}--${boundary}\r\n${partHeaders(range, representation)}\r\n`,
    range,
  ]);
  const all = [...parts, `\r\n--${boundary}--\r\n`];
  const length = all.reduce((sum, part) => sum + lengthOf(part), 0);
  const contentType = `multipart/byteranges; boundary=${boundary}`;
  const headers = { ...constant, "content-type": contentType, "content-length": String(length) };
  return { status: 206, headers, parts: all };
}

const partHeaders = (range: ByteRange, { contentType, sizeBytes }: Representation): string =>
  `Content-Type: ${contentType}\r\nContent-Range: ${contentRange(range, sizeBytes)}\r\n`;

const contentRange = ({ start, end }: ByteRange, size: number): string => `bytes ${start}-${end}/${size}`;

/** All text in a plan is ASCII. */
const lengthOf = (part: ByteRange | string): number =>
  typeof part === "string" ? part.length : part.end - part.start + 1;

/** The boundary is made from the ETag, so that the same request gets the same bytes; content cannot hold its own hash. */
const boundaryFor = ({ etag }: Representation): string =>
  `encore-${etag.replace(/[^A-Za-z0-9]/g, "").slice(0, 40)}-part`;

/** The headers of each representation, which all its ranges share: formatting its date for each would cost more. */
const constants = new WeakMap<Representation, { readonly fields: Headers; readonly headers: Headers }>();

function constantHeaders(representation: Representation, fields: Headers): Headers {
  const known = constants.get(representation);
  if (known?.fields === fields) return known.headers;
  const { etag, modifiedAt } = representation;
  const lastModified = modifiedAt !== undefined && { "last-modified": new Date(modifiedAt).toUTCString() };
  const headers = { ...fields, ...rangesWelcome, etag, ...lastModified };
  constants.set(representation, { fields, headers });
  return headers;
}

/** A 304 has the fields that guide the cache and no others (RFC 9110 section 15.4.5): the ETag is enough. */
const notModified = ({ etag }: Representation): Headers => ({ etag });
