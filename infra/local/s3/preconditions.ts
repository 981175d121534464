import type { IncomingHttpHeaders } from "node:http";
import { S3Error } from "./errors.ts";
import type { StoredObject } from "./object-store.ts";

export type ObjectRange = { readonly start: number; readonly end: number };

/** What a read answers: not modified, the whole object (no range), or a part of it. `end` is inclusive. */
export type Selection =
  | { readonly status: 200 | 304 }
  | { readonly status: 206; readonly range: ObjectRange };

/**
 * Preconditions and range of a GET or HEAD, in the order of RFC 9110, 13.2.2.
 * @throws S3Error PreconditionFailed, InvalidRange
 */
export function selectRange(object: StoredObject, headers: IncomingHttpHeaders): Selection {
  if (!matches(object, headers)) throw preconditionFailed();
  if (!isModified(object, headers)) return { status: 304 };
  const range = appliesIfRange(object, headers) ? parseRange(headers.range, object.size) : undefined;
  return range ? { status: 206, range } : { status: 200 };
}

/**
 * Preconditions of a write; S3 knows `If-Match: <etag>` and `If-None-Match: *`.
 * @throws S3Error PreconditionFailed, NoSuchKey
 */
export function assertWritable(existing: StoredObject | undefined, headers: IncomingHttpHeaders): void {
  if (headers["if-none-match"] === "*" && existing) throw preconditionFailed();
  if (headers["if-match"] === undefined) return;
  if (!existing) throw new S3Error("NoSuchKey", "The specified key does not exist.");
  if (!listsEtag(headers["if-match"], existing.etag)) throw preconditionFailed();
}

const preconditionFailed = (): S3Error =>
  new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");

function matches(object: StoredObject, headers: IncomingHttpHeaders): boolean {
  if (headers["if-match"] !== undefined) return listsEtag(headers["if-match"], object.etag);
  const since = Date.parse(headers["if-unmodified-since"] ?? "");
  return Number.isNaN(since) || seconds(object) <= since;
}

function isModified(object: StoredObject, headers: IncomingHttpHeaders): boolean {
  if (headers["if-none-match"] !== undefined) return !listsEtag(headers["if-none-match"], object.etag);
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return Number.isNaN(since) || seconds(object) > since;
}

function appliesIfRange(object: StoredObject, { "if-range": ifRange }: IncomingHttpHeaders): boolean {
  if (typeof ifRange !== "string") return true;
  return ifRange.startsWith('"') ? ifRange === object.etag : Date.parse(ifRange) === seconds(object);
}

/** HTTP dates have no milliseconds. */
const seconds = ({ lastModified }: StoredObject): number =>
  Math.floor(Date.parse(lastModified) / 1000) * 1000;

/** S3 takes entity tags with and without quotes. */
const listsEtag = (list: string, etag: string): boolean =>
  list.split(",").some((entry) => ["*", etag, etag.replaceAll('"', "")].includes(entry.trim()));

/**
 * S3 serves one range a request and answers several, or what it cannot parse, with the whole object.
 * @throws S3Error InvalidRange where no byte of it exists
 */
function parseRange(header: string | undefined, size: number): ObjectRange | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end)
    throw new S3Error("InvalidRange", "The requested range is not satisfiable", {
      "content-range": `bytes */${size}`,
    });
  return { start, end };
}
