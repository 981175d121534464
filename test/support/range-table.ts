import { createHash } from "node:crypto";
import { type Expected, expected } from "./range-oracle.ts";

/** The published table: representations by name, and requests for them with what they must get. */
export type RangeTable = {
  about: string[];
  representations: Record<string, { size: number; etag: string; lastModified: string }>;
  cases: RangeCase[];
};

export type RangeCase = {
  representation: string;
  method: string;
  headers: Record<string, string>;
  expect: Expected;
};

const about = [
  "Byte ranges and preconditions by RFC 9110 (sections 13.2.2, 14.1.2, 14.2, 15.3.7, 15.5.17): what a request must get.",
  "Byte i of a representation is (i * 31 + floor(i / 251)) modulo 256; its ETag is the MD5 of all of them, in quotes.",
  "expect.body lists the first and last offset of each piece, in order; several pieces come as multipart/byteranges.",
  "contentLength is absent where the RFC leaves the body to the server (multipart, 304, 412, 416).",
  "Choices where the RFC leaves one: overlapping and adjacent ranges become one, at the place of the first; more than 16",
  "separate ranges are ignored; a malformed tag list matches nothing; HEAD ignores Range.",
];

/** Sizes around nothing, one byte, and the edges of blocks of 256 KiB. */
const sizes = { empty: 0, one: 1, ten: 10, thousand: 1000, blocks: 600_000 };

export const contentOf = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31 + Math.floor(i / 251)) % 256));

const lastModified = "Sun, 17 May 2020 10:20:30 GMT";
const other = '"00000000000000000000000000000000"';

export function makeRangeTable(): RangeTable {
  const representations = Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => [name, { size, etag: etagOf(size), lastModified }]),
  );
  const requests = [...rangeRequests(), ...conditionRequests(etagOf(sizes.thousand))];
  const cases = requests.map(({ representation, method, headers }) => {
    const known = representations[representation];
    if (!known) throw new Error(`no representation ${representation}`);
    return { representation, method, headers, expect: expected(method, headers, known) };
  });
  return { about, representations, cases };
}

const etagOf = (size: number): string => `"${createHash("md5").update(contentOf(size)).digest("hex")}"`;

type Request = Omit<RangeCase, "expect">;

function rangeRequests(): Request[] {
  return Object.entries(sizes).flatMap(([representation, size]) =>
    rangeValues(size).map((Range) => ({ representation, method: "GET", headers: { Range } })),
  );
}

const huge = "9".repeat(40);

function rangeValues(size: number): string[] {
  const last = Math.max(size - 1, 0);
  const middle = Math.floor(size / 2);
  const single = ["0-0", "0-1", "1-1", "0-", "1-", `0-${last}`, `0-${size}`, `${last}-`, `${last}-${last}`];
  const edges = [
    `${last}-${size}`,
    `${size}-`,
    `${size}-${size + 5}`,
    `${size + 1}-`,
    `${middle}-${last}`,
    "00000-00001",
  ];
  const suffixes = ["-0", "-1", "-2", `-${size}`, `-${size + 1}`, `-${middle}`, `-${huge}`, "-000"];
  const far = [
    `0-${huge}`,
    `${huge}-`,
    `${huge}0-${huge}`,
    "9007199254740993-9007199254740992",
    `1${huge}-2${huge}`,
  ];
  const blocks = ["262143-262144", "262144-", "262143-524288", "0-262143", "0-262144", "524287-524289"];
  const several = [
    "0-0,2-2",
    "0-0,-1",
    "0-1,1-2",
    "0-1,2-3",
    "2-3,0-1",
    "4-5,0-1,2-2",
    "7-8,0-1,8-9",
    "0-0,0-0",
    "0-,-1",
    "5-,0-1",
    "0-1,999999-",
    "999999-,-0",
    "0-0, 4-4 ,\t8-8",
    ",0-0,,4-4,",
    manyRanges(16),
    manyRanges(17),
    manyRanges(200),
  ];
  const malformed = [
    "",
    ",",
    "-",
    "a-b",
    "5-4",
    "0-1,5-4",
    "0-1,x",
    "0-1;2-3",
    "0--1",
    "--1",
    "+0-1",
    "0x0-1",
    "0 - 1",
    "1",
    "0-1-2",
    "0.0-1",
    "1e1-",
    "*",
    "0-1 2-3",
  ];
  const all = [...single, ...edges, ...suffixes, ...far, ...several].map((set) => `bytes=${set}`);
  const units = [
    "BYTES=0-0",
    "Bytes=-1",
    "bytes= 0-0",
    "bytes =0-0",
    "bytes",
    "items=0-0",
    "bytes:0-0",
    "=0-0",
    "0-0",
    "none",
  ];
  if (size === sizes.blocks) return [...all, ...blocks.map((set) => `bytes=${set}`)];
  return size === sizes.thousand ? [...all, ...malformed.map((set) => `bytes=${set}`), ...units] : all;
}

const manyRanges = (count: number): string =>
  Array.from({ length: count }, (_, i) => `${i * 2}-${i * 2}`).join(",");

/** Every condition alone, then pairs whose order matters. */
function conditionRequests(etag: string): Request[] {
  const tags = [
    "*",
    etag,
    `W/${etag}`,
    other,
    `${other}, ${etag}`,
    `${other},W/${etag}`,
    ` , ${etag},, ${other}`,
  ];
  const badTags = [
    etag.slice(1, -1),
    `${etag} ${other}`,
    `${etag}, x`,
    '"',
    `w/${etag}`,
    '"a b"',
    `*, ${etag}`,
    "",
  ];
  const dates = [
    lastModified,
    "Sun, 17 May 2020 10:20:29 GMT",
    "Sun, 17 May 2020 10:20:31 GMT",
    "Sunday, 17-May-20 10:20:30 GMT",
    "Sun May 17 10:20:30 2020",
    "Saturday, 16-May-20 10:20:30 GMT",
    "Fri May  1 10:20:30 2020",
    "Sunday, 06-Nov-94 08:49:37 GMT",
  ];
  const badDates = [
    "2020-05-17T10:20:30Z",
    "yesterday",
    "Sun, 17 May 2020 10:20:30",
    "Sun, 31 Feb 2021 10:20:30 GMT",
    "0",
  ];
  const alone = [
    ...[...tags, ...badTags].flatMap((value) => [{ "If-Match": value }, { "If-None-Match": value }]),
    ...[...dates, ...badDates].flatMap((value) => [
      { "If-Modified-Since": value },
      { "If-Unmodified-Since": value },
    ]),
  ];
  const ifRanges = [...tags.slice(1), ...dates, ...badDates, etag.slice(1, -1), `${etag}, ${other}`].map(
    (value) => ({
      "If-Range": value,
    }),
  );
  const early = "Sun, 17 May 2020 10:20:29 GMT";
  const pairs = [
    { "If-Match": etag, "If-Unmodified-Since": early },
    { "If-Match": other, "If-None-Match": other },
    { "If-Match": other, "If-None-Match": etag },
    { "If-Match": etag, "If-None-Match": etag },
    { "If-Unmodified-Since": early, "If-None-Match": etag },
    { "If-None-Match": other, "If-Modified-Since": lastModified },
    { "If-None-Match": etag, "If-Modified-Since": early },
    { "If-Match": etag, "If-Range": other },
    { "If-None-Match": etag, "If-Range": etag },
    { "If-Modified-Since": lastModified, "If-Range": etag },
  ];
  const request = (method: string, headers: Record<string, string>) => ({
    representation: "thousand",
    method,
    headers,
  });
  return [
    ...alone.flatMap((headers) => [request("GET", headers), request("HEAD", headers)]),
    ...[...alone, ...ifRanges, ...pairs].map((headers) =>
      request("GET", { ...headers, Range: "bytes=10-19" }),
    ),
    ...ifRanges.map((headers) => request("GET", { ...headers, Range: "bytes=5000-" })),
    ...ifRanges.map((headers) => request("GET", headers)),
    ...[...ifRanges, ...pairs].map((headers) => request("HEAD", { ...headers, Range: "bytes=10-19" })),
    ...["bytes=0-1", "bytes=5000-", "bytes=0-1,5-6", "x"].map((Range) => request("HEAD", { Range })),
    request("GET", {}),
    request("HEAD", {}),
  ];
}
