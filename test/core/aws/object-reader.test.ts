import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { createObjectReader } from "../../../core/aws/object-reader.ts";
import type { DomainError } from "../../../core/domain/errors.ts";

const content = Buffer.from("0123456789");
const etag = '"v1"';

/** Something that speaks as S3 does, a reader of it, and how often it signed. */
async function startStore(answer: RequestListener, beforeSigning = () => {}) {
  const sockets = new Set<Socket>();
  const server = createServer(answer).on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const signed: string[] = [];
  const reader = createObjectReader({
    async sign(key) {
      beforeSigning();
      signed.push(key);
      return `http://127.0.0.1:${port}/${key}?signature=${signed.length}`;
    },
  });
  return { reader, signed, sockets };
}

const serve: RequestListener = ({ headers }, response) => {
  const [, start, end] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? "") ?? [];
  const range = `bytes ${start}-${end}/${content.length}`;
  response.writeHead(206, { etag, "content-range": range });
  response.end(content.subarray(Number(start), Number(end) + 1));
};

const { signal } = new AbortController();
const range = (start: number, end: number) => ({ key: "audio/song", etag, start, end, signal });
const kindOf = (work: Promise<unknown>) => work.then(String, ({ kind }: DomainError) => kind);

it("One signature and one connection serve many ranges of an object", async () => {
  const { reader, signed, sockets } = await startStore(serve);
  for (let start = 0; start < 9; start++) {
    const body = await buffer(await reader.read(range(start, start + 1)));
    expect(body).toEqual(content.subarray(start, start + 2));
  }
  expect(signed).toEqual(["audio/song"]);
  expect(sockets.size).toBe(1);
});

it("A signature that is refused after it was good is replaced, and its range is not lost", async () => {
  let refused = "none";
  const { reader, signed } = await startStore((request, response) => {
    if (request.url?.endsWith(refused)) response.writeHead(403).end("<Code>ExpiredToken</Code>");
    else serve(request, response);
  });
  await buffer(await reader.read(range(0, 1)));
  refused = "signature=1";
  expect(await buffer(await reader.read(range(2, 5)))).toEqual(content.subarray(2, 6));
  expect(signed).toHaveLength(2);
});

it("A store that refuses every signature is unavailable, and is not asked on and on", async () => {
  let asked = 0;
  const { reader } = await startStore((_request, response) => {
    asked += 1;
    response.writeHead(403).end();
  });
  expect(await kindOf(reader.read(range(0, 1)))).toBe("unavailable");
  expect(asked).toBe(1);
  expect(await kindOf(reader.read(range(0, 1)))).toBe("unavailable");
  expect(asked).toBe(3);
});

it.each([
  [404, "not-found"],
  [412, "precondition-failed"],
  [416, "precondition-failed"],
  [503, "unavailable"],
  [301, "unavailable"],
])("What the store answers with %i is %s, and the connection is used again", async (status, kind) => {
  const { reader, sockets } = await startStore((_request, response) =>
    response.writeHead(status).end("<Error/>"),
  );
  for (let time = 0; time < 10; time++) expect(await kindOf(reader.read(range(0, 1)))).toBe(kind);
  // One may still be at the end of the last answer.
  expect(sockets.size).toBeLessThanOrEqual(2);
});

it("A signer that fails is asked again for the next range", async () => {
  let fails = true;
  const { reader } = await startStore(serve, () => {
    if (fails) throw new Error("No credentials");
  });
  expect(await kindOf(reader.read(range(0, 1)))).toBe("unavailable");
  fails = false;
  expect(await buffer(await reader.read(range(0, 1)))).toEqual(content.subarray(0, 2));
});
