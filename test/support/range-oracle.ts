/**
 * What a GET or HEAD must get by RFC 9110, written apart from the server and as plainly as can be: headers are read
 * character by character, and wanted bytes are ticked off one by one. Slow, and easy to hold against the text of the
 * RFC. Where the RFC leaves a choice, Encore's choice is marked.
 */

export type OracleRepresentation = { size: number; etag: string; lastModified: string };

export type Expected = {
  status: number;
  contentRange?: string;
  /** Of the body; for HEAD, of the body that GET would have had. Absent where the answer is a problem or a 304. */
  contentLength?: number;
  /** First and last offset of each piece of the representation in the body, in order. */
  body: [number, number][];
};

/** Encore's choice (14.2 allows to ignore): more separate ranges than this get the whole. */
const mostRanges = 16;

export function expected(
  method: string,
  headers: Record<string, string>,
  representation: OracleRepresentation,
): Expected {
  // 13.2.2, steps 1 to 5, in order.
  const ifMatch = headers["If-Match"];
  const ifUnmodifiedSince = headers["If-Unmodified-Since"];
  if (ifMatch !== undefined) {
    if (!tagListHas(ifMatch, representation.etag, "strong")) return { status: 412, body: [] };
  } else if (ifUnmodifiedSince !== undefined) {
    const date = readDate(ifUnmodifiedSince);
    if (date !== null && seconds(representation.lastModified) > date) return { status: 412, body: [] };
  }
  const ifNoneMatch = headers["If-None-Match"];
  const ifModifiedSince = headers["If-Modified-Since"];
  if (ifNoneMatch !== undefined) {
    if (tagListHas(ifNoneMatch, representation.etag, "weak")) return { status: 304, body: [] };
  } else if (ifModifiedSince !== undefined) {
    const date = readDate(ifModifiedSince);
    if (date !== null && seconds(representation.lastModified) <= date) return { status: 304, body: [] };
  }
  let range = headers.Range;
  if (method !== "GET") range = undefined;
  if (range !== undefined && headers["If-Range"] !== undefined) {
    if (!ifRangeHolds(headers["If-Range"], representation)) range = undefined;
  }
  const whole: Expected = {
    status: 200,
    contentLength: representation.size,
    body: method === "GET" && representation.size > 0 ? [[0, representation.size - 1]] : [],
  };
  const answer = range === undefined ? "whole" : tickOff(range, representation.size);
  if (answer === "whole") return whole;
  if (answer.length === 0) return { status: 416, contentRange: `bytes */${representation.size}`, body: [] };
  if (answer.length > mostRanges) return whole;
  if (answer.length > 1) return { status: 206, body: answer };
  const [[from, to]] = answer as [[number, number]];
  return {
    status: 206,
    contentRange: `bytes ${from}-${to}/${representation.size}`,
    contentLength: to - from + 1,
    body: answer,
  };
}

function tickOff(header: string, size: number): "whole" | [number, number][] {
  const equals = header.indexOf("=");
  if (equals < 0 || header.slice(0, equals).toLowerCase() !== "bytes") return "whole";
  const specs = header
    .slice(equals + 1)
    .split(",")
    .map(trimBlanks)
    .filter((spec) => spec.length > 0);
  if (specs.length === 0) return "whole";
  const wanted = new Uint8Array(size);
  const firsts: number[] = [];
  for (const spec of specs) {
    const dash = spec.indexOf("-");
    if (dash < 0) return "whole";
    const left = spec.slice(0, dash);
    const right = spec.slice(dash + 1);
    if (!isDigits(left) || !isDigits(right) || left + right === "") return "whole";
    if (left !== "" && right !== "" && isLess(right, left)) return "whole";
    let from: number;
    let to: number;
    if (left === "") {
      const count = Math.min(Number(right), size);
      // An empty representation's last bytes are satisfiable, but no Content-Range can say so (Encore's choice: 200).
      if (size === 0 && Number(right) > 0) return "whole";
      from = size - count;
      to = size - 1;
    } else {
      from = Number(left);
      to = right === "" ? size - 1 : Math.min(Number(right), size - 1);
    }
    for (let offset = from; offset <= to; offset += 1) wanted[offset] = 1;
    if (from <= to) firsts.push(from);
  }
  const found: [number, number][] = [];
  for (const first of firsts) {
    let from = first;
    let to = first;
    while (wanted[from - 1] === 1) from -= 1;
    while (wanted[to + 1] === 1) to += 1;
    if (!found.some(([known]) => known === from)) found.push([from, to]);
  }
  return found;
}

function ifRangeHolds(value: string, representation: OracleRepresentation): boolean {
  if (value.startsWith('"')) return value === representation.etag;
  // A weak tag never holds; a date must be the very one, and by now that second is long over.
  const date = readDate(value);
  return date !== null && date === seconds(representation.lastModified);
}

function tagListHas(value: string, etag: string, comparison: "strong" | "weak"): boolean {
  if (value === "*") return true;
  let at = 0;
  let found = false;
  let mayStart = true;
  while (at < value.length) {
    const character = value[at];
    if (character === " " || character === "\t") {
      at += 1;
      continue;
    }
    if (character === ",") {
      mayStart = true;
      at += 1;
      continue;
    }
    const weak = value.startsWith("W/", at);
    const open = weak ? at + 2 : at;
    const close = value.indexOf('"', open + 1);
    // Not a list of tags: it matches nothing.
    if (!mayStart || value[open] !== '"' || close < 0) return false;
    const opaque = value.slice(open, close + 1);
    if (/[\s]/.test(opaque)) return false;
    if (opaque === etag && !(weak && comparison === "strong")) found = true;
    mayStart = false;
    at = close + 1;
  }
  return found;
}

/** Milliseconds, or null for what is no HTTP-date in any of its three forms (5.6.7). */
function readDate(text: string): number | null {
  const candidates = [text, fromRfc850(text), fromAsctime(text)];
  for (const candidate of candidates) {
    const time = Date.parse(candidate);
    if (!Number.isNaN(time) && new Date(time).toUTCString().slice(5) === candidate.slice(5)) return time;
  }
  return null;
}

function fromRfc850(text: string): string {
  const words = text.split(/[ -]/);
  if (words.length !== 6 || !text.includes("-")) return "";
  const [name, day, month, year, time, zone] = words as [string, string, string, string, string, string];
  // The table's two-digit years are all of this century or, from 77 on, of the last.
  const century = Number(year) >= 77 ? "19" : "20";
  return `${name.slice(0, 3)}, ${day} ${month} ${century}${year} ${time} ${zone}`;
}

function fromAsctime(text: string): string {
  const words = text.split(/ +/);
  if (words.length !== 5) return "";
  const [name, month, day, time, year] = words as [string, string, string, string, string];
  return `${name}, ${day.padStart(2, "0")} ${month} ${year} ${time} GMT`;
}

const seconds = (date: string): number => Date.parse(date);

function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && (text[from] === " " || text[from] === "\t")) from += 1;
  while (to > from && (text[to - 1] === " " || text[to - 1] === "\t")) to -= 1;
  return text.slice(from, to);
}

function isDigits(text: string): boolean {
  for (const character of text) if (!"0123456789".includes(character)) return false;
  return true;
}

/** As numbers of any length: the longer is the greater, once leading zeros are gone. */
function isLess(a: string, b: string): boolean {
  const [x, y] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return x.length === y.length ? x < y : x.length < y.length;
}
