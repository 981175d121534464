import { randomBytes } from "node:crypto";

/** An id in the form API Gateway gives requests and connections: sixteen characters, the last one `=`. */
export const newId = (): string => `${randomBytes(11).toString("base64url")}=`;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The Common Log Format that `requestContext.time` has, like `12/Mar/2020:19:03:58 +0000`. */
export function logTime(at: Date): string {
  const [date = "", time = ""] = at.toISOString().split(/[T.]/);
  const [year, month, day] = date.split("-");
  return `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`;
}

/** Values by name, in the order they came; a name can have several. */
export type Values = ReadonlyMap<string, readonly string[]>;

/** Headers as they came, from Node's flat list of names and values, which loses no duplicate. */
export function headerValues(rawHeaders: readonly string[], nameOf = (name: string) => name): Values {
  const pairs = rawHeaders.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[nameOf(name), rawHeaders[at + 1] ?? ""]] : [],
  );
  return groupValues(pairs);
}

export const queryValues = (queryString: string): Values => groupValues(new URLSearchParams(queryString));

function groupValues(pairs: Iterable<[string, string]>): Values {
  const grouped = Map.groupBy(pairs, ([name]) => name);
  return new Map([...grouped].map(([name, entries]) => [name, entries.map(([, value]) => value)]));
}

/** One value a name: `choose` says what becomes of several. */
export const singleValues = (values: Values, choose: (all: readonly string[]) => string) =>
  Object.fromEntries([...values].map(([name, all]) => [name, choose(all)]));

export const joinWithComma = (all: readonly string[]): string => all.join(",");
export const takeLast = (all: readonly string[]): string => all.at(-1) ?? "";

/** The part of a request's target before and after the question mark. */
export function splitTarget(target: string): { path: string; queryString: string } {
  const at = target.indexOf("?");
  return at < 0
    ? { path: target, queryString: "" }
    : { path: target.slice(0, at), queryString: target.slice(at + 1) };
}
