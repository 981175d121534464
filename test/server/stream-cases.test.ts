import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createS3Client } from "../../core/aws/clients.ts";
import { createObjectStore } from "../../core/aws/object-store.ts";
import type { StreamGrant } from "../../core/domain/entitlement/stream-grant.ts";
import { startTestAws, type TestAws } from "../support/engines.ts";
import { contentOf, makeRangeTable, type RangeCase, type RangeTable } from "../support/range-table.ts";
import { type RawResponse, rawRequest } from "../support/raw-http.ts";
import { type StreamServer, startStreamServer } from "../support/stream-server.ts";

const table = JSON.parse(readFileSync(new URL("./range-cases.json", import.meta.url), "utf8")) as RangeTable;
const objects = new Map<string, StreamGrant["object"]>();
let aws: TestAws;
let server: StreamServer;
let closeClient: () => void;

beforeAll(async () => {
  aws = await startTestAws();
  const { s3Endpoint: endpoint, region, credentials, bucket } = aws;
  const client = createS3Client({ endpoint, region, credentials });
  closeClient = () => client.destroy();
  const store = createObjectStore({ client, bucket });
  for (const [name, { size, lastModified }] of Object.entries(table.representations)) {
    const object = { key: `cases/${name}`, body: contentOf(size), contentType: "audio/flac" };
    const { etag } = await store.put(object);
    const modifiedAt = new Date(lastModified).toISOString();
    objects.set(name, {
      key: object.key,
      etag,
      sizeBytes: size,
      contentType: object.contentType,
      modifiedAt,
    });
  }
  server = await startStreamServer({ source: store, find: (name) => objects.get(name) });
});

afterAll(async () => {
  await server.close();
  closeClient();
  await aws.close();
});

test("the published table has 300 cases or more, each as the oracle says", () => {
  expect(table.cases.length).toBeGreaterThanOrEqual(300);
  expect(table).toEqual(makeRangeTable());
});

test.for(table.cases.map((one, index) => [index, one] as const))("case %i", async ([, one]) => {
  const label = JSON.stringify(one);
  const response = await rawRequest(server.port, one.method, `/stream/${one.representation}`, headersOf(one));
  expect(response.status, label).toBe(one.expect.status);
  expect(response.headers["content-range"], label).toBe(one.expect.contentRange);
  expect(response.whole, label).toBe(true);
  expect(response.headers["accept-ranges"], label).toBe(one.expect.status === 304 ? undefined : "bytes");
  if (one.expect.contentLength !== undefined)
    expect(response.headers["content-length"], label).toBe(String(one.expect.contentLength));
  if (one.expect.status < 400) expectBody(one, response);
  else expect(response.headers["content-type"], label).toMatch(/^application\/problem\+json/);
});

test("every grant was released once", () => {
  expect(server.open()).toBe(0);
});

/** An engine may make its ETags otherwise than by MD5: then the cases speak of the ones it made. */
function headersOf({ representation, headers }: RangeCase): Record<string, string> {
  const published = table.representations[representation]?.etag.slice(1, -1) ?? "";
  const actual = objects.get(representation)?.etag.slice(1, -1) ?? "";
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replaceAll(published, actual)]),
  );
}

function expectBody(
  { representation, method, expect: { status, body } }: RangeCase,
  response: RawResponse,
): void {
  const content = contentOf(table.representations[representation]?.size ?? 0);
  expect(response.headers.etag).toBe(objects.get(representation)?.etag);
  const pieces = body.map(([from, to]) => content.subarray(from, to + 1));
  if (pieces.length > 1) expectParts(body, content, response);
  else expect(response.body.equals(pieces[0] ?? Buffer.alloc(0))).toBe(true);
  if (pieces.length < 2 && status !== 304) expect(response.headers["content-type"]).toBe("audio/flac");
  if (method === "HEAD") expect(pieces).toEqual([]);
}

function expectParts(offsets: [number, number][], content: Buffer, response: RawResponse): void {
  const parts = splitParts(response);
  expect(parts.map(({ range }) => range)).toEqual(
    offsets.map(([from, to]) => `bytes ${from}-${to}/${content.length}`),
  );
  for (const [index, [from, to]] of offsets.entries())
    expect(parts[index]?.body.equals(content.subarray(from, to + 1))).toBe(true);
}

/** The parts of a multipart/byteranges body, split by its boundary alone (RFC 2046 section 5.1.1). */
function splitParts({ headers, body }: RawResponse): { range: string; body: Buffer }[] {
  const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(headers["content-type"] ?? "")?.[1];
  const text = `\r\n${body.toString("latin1")}`;
  const pieces = text.split(`\r\n--${boundary}`);
  expect(pieces[0]).toBe("");
  expect(pieces.at(-1)).toBe("--\r\n");
  return pieces.slice(1, -1).map((piece) => {
    const split = piece.indexOf("\r\n\r\n");
    const head = piece.slice(0, split);
    expect(head).toContain("Content-Type: audio/flac");
    return {
      range: /Content-Range: (.+)/.exec(head)?.[1] ?? "",
      body: Buffer.from(piece.slice(split + 4), "latin1"),
    };
  });
}
