import { type EntityTag, matchesStrongly, matchesWeakly, parseEntityTags } from "./entity-tags.ts";
import { parseHttpDate, toHttpSecond } from "./http-date.ts";

/** A request's header fields by lower-case name, as Node gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a representation is known by: a strong ETag with its quotes, and when it was made (ISO 8601). */
export type Validators = { readonly etag: string; readonly modifiedAt?: string };

export type Precondition = "proceed" | "not-modified" | "failed";

/** The conditions of a GET or HEAD, in the order of RFC 9110 section 13.2.2. */
export function checkPreconditions(headers: RequestHeaders, current: Validators, now: Date): Precondition {
  if (!stateIsExpected(headers, current, now)) return "failed";
  return isNews(headers, current, now) ? "proceed" : "not-modified";
}

/** If-Match (strong), or where it is absent, If-Unmodified-Since. */
function stateIsExpected(headers: RequestHeaders, current: Validators, now: Date): boolean {
  const ifMatch = field(headers, "if-match");
  if (ifMatch !== undefined) return listMatches(ifMatch, current.etag, matchesStrongly);
  const since = dateField(headers, "if-unmodified-since", now);
  if (since === undefined) return true;
  const modified = modifiedSecond(current);
  return modified === undefined || modified <= since;
}

/** If-None-Match (weak), or where it is absent, If-Modified-Since. */
function isNews(headers: RequestHeaders, current: Validators, now: Date): boolean {
  const ifNoneMatch = field(headers, "if-none-match");
  if (ifNoneMatch !== undefined) return !listMatches(ifNoneMatch, current.etag, matchesWeakly);
  const since = dateField(headers, "if-modified-since", now);
  if (since === undefined) return true;
  const modified = modifiedSecond(current);
  return modified === undefined || modified > since;
}

/**
 * Whether the Range of a request counts (RFC 9110 section 13.1.5). An entity tag must match strongly. A date
 * must be the Last-Modified exactly, and that second must be over: until then the object could change once more under
 * the same date, which makes the date a weak validator (section 8.8.2.2).
 */
export function rangeIsWanted(headers: RequestHeaders, current: Validators, now: Date): boolean {
  const ifRange = field(headers, "if-range");
  if (ifRange === undefined) return true;
  const [tag, ...others] = parseEntityTags(ifRange) ?? [];
  if (tag) return others.length === 0 && matchesStrongly(tag, own(current.etag));
  const date = parseHttpDate(ifRange, now);
  return date !== undefined && date === modifiedSecond(current) && now.getTime() >= date + 1000;
}

const modifiedSecond = ({ modifiedAt }: Validators): number | undefined =>
  modifiedAt === undefined ? undefined : toHttpSecond(modifiedAt);

const own = (etag: string): EntityTag => ({ weak: false, opaque: etag.slice(1, -1) });

function listMatches(value: string, etag: string, matches: (a: EntityTag, b: EntityTag) => boolean): boolean {
  if (value === "*") return true;
  const current = own(etag);
  return parseEntityTags(value)?.some((tag) => matches(tag, current)) ?? false;
}

function dateField(headers: RequestHeaders, name: string, now: Date): number | undefined {
  const text = field(headers, name);
  return text === undefined ? undefined : parseHttpDate(text, now);
}

/** Lines of one field are one list (RFC 9110 section 5.3). */
export function field(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value.join(", ") : value;
}
