import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import {
  type HttpApiOptions,
  type HttpApiRoute,
  httpApiGateway,
} from "../../../../infra/local/gateway/http-api.ts";

const apps: FastifyInstance[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

type Options = Omit<HttpApiOptions, "routes">;

function serve(routes: readonly HttpApiRoute[], options: Options = {}, server = Fastify()): FastifyInstance {
  server.register(httpApiGateway, { ...options, routes });
  apps.push(server);
  return server;
}

/** Answers with the event itself. */
const echo = (method: string, path: string): HttpApiRoute => ({
  method,
  path,
  handler: async (event) => ({ statusCode: 200, body: JSON.stringify(event) }),
});
const answering = (result: unknown, path = "/api/x"): HttpApiRoute => ({
  method: "GET",
  path,
  handler: async () => result as object,
});
const eventOf = (response: { body: string }): APIGatewayProxyEventV2 => JSON.parse(response.body);

describe("the event", () => {
  it("has payload format 2.0", async () => {
    const app = serve([echo("GET", "/api/songs/{songId}")], { domainName: "encore.example" });
    const response = await app.inject({
      url: "/api/songs/s1?b=2",
      headers: { "user-agent": "test", "X-Custom": "Value" },
    });
    const event = eventOf(response);
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "GET /api/songs/{songId}",
      rawPath: "/api/songs/s1",
      rawQueryString: "b=2",
      queryStringParameters: { b: "2" },
      pathParameters: { songId: "s1" },
      headers: { "user-agent": "test", "x-custom": "Value", "x-forwarded-proto": "http" },
      isBase64Encoded: false,
      requestContext: {
        domainName: "encore.example",
        domainPrefix: "encore",
        stage: "$default",
        routeKey: "GET /api/songs/{songId}",
        http: {
          method: "GET",
          path: "/api/songs/s1",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "test",
        },
      },
    });
    expect(event).not.toHaveProperty("body");
    expect(event).not.toHaveProperty("cookies");
    expect(event.requestContext.requestId).toBe(response.headers["apigw-requestid"]);
    expect(event.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(Math.abs(event.requestContext.timeEpoch - Date.now())).toBeLessThan(10_000);
  });

  it("leaves out parameters where there are none", async () => {
    const event = eventOf(await serve([echo("GET", "/api/songs")]).inject("/api/songs"));
    expect(event).not.toHaveProperty("pathParameters");
    expect(event).not.toHaveProperty("queryStringParameters");
    expect(event.rawQueryString).toBe("");
  });

  it("joins what comes twice by commas, and takes cookies out of the headers", async () => {
    const app = serve([echo("GET", "/api/x")]);
    const { port } = new URL(await app.listen({ port: 0, host: "127.0.0.1" }));
    const head = [
      "X-A: 1",
      "x-a: 2",
      "Authorization: one",
      "authorization: two",
      "Cookie: a=1; b=2",
      "Cookie: c=3",
    ];
    const event = await rawGet(Number(port), "/api/x?t=1&t=2&u=%C3%A9+e", head);
    expect(event.headers).toMatchObject({ "x-a": "1,2", authorization: "one,two" });
    expect(event.headers).not.toHaveProperty("cookie");
    expect(event.headers).not.toHaveProperty("connection");
    expect(event.cookies).toEqual(["a=1", "b=2", "c=3"]);
    expect(event.queryStringParameters).toEqual({ t: "1,2", u: "é e" });
    expect(event.rawQueryString).toBe("t=1&t=2&u=%C3%A9+e");
  });

  it("decodes the path and its parameters", async () => {
    const event = eventOf(
      await serve([echo("GET", "/api/songs/{songId}")]).inject("/api/songs/a%2Fb%20%C3%A9%3Fc"),
    );
    expect(event.pathParameters).toEqual({ songId: "a/b é?c" });
    expect(event.rawPath).toBe("/api/songs/a/b é?c");
  });

  it("knows greedy parameters and ANY", async () => {
    const app = serve([echo("ANY", "/api/files/{name+}")]);
    const event = eventOf(await app.inject({ method: "DELETE", url: "/api/files/a/b/c.txt" }));
    expect(event.pathParameters).toEqual({ name: "a/b/c.txt" });
    expect(event.routeKey).toBe("ANY /api/files/{name+}");
  });

  it("takes the client's address from a trusted proxy", async () => {
    const app = serve([echo("GET", "/api/x")], {}, Fastify({ trustProxy: "127.0.0.1" }));
    const event = eventOf(await app.inject({ url: "/api/x", headers: { "x-forwarded-for": "203.0.113.7" } }));
    expect(event.requestContext.http.sourceIp).toBe("203.0.113.7");
    expect(event.headers["x-forwarded-for"]).toBe("203.0.113.7, 127.0.0.1");
  });
});

describe("bodies", () => {
  const post = (contentType: string | undefined, payload: string | Buffer) =>
    serve([echo("POST", "/api/x")]).inject({
      method: "POST",
      url: "/api/x",
      payload,
      headers: contentType === undefined ? {} : { "content-type": contentType },
    });

  it.each(["application/json", "application/json; charset=utf-8", "text/plain", "application/xml"])(
    "reach the handler as they came: %s",
    async (type) => {
      const event = eventOf(await post(type, '{ "a" : not json é'));
      expect(event).toMatchObject({ body: '{ "a" : not json é', isBase64Encoded: false });
      expect(event.headers["content-type"]).toBe(type);
    },
  );

  it.each(["application/octet-stream", "application/x-www-form-urlencoded", "no type at all", undefined])(
    "reach the handler as base64: %s",
    async (type) => {
      const bytes = Buffer.from([0, 255, 1, 254]);
      expect(eventOf(await post(type, bytes))).toMatchObject({
        body: bytes.toString("base64"),
        isBase64Encoded: true,
      });
    },
  );

  it("of siblings are parsed as ever", async () => {
    const app = serve([echo("POST", "/api/x")]);
    app.post("/sibling", async (request) => ({ got: request.body }));
    const response = await app.inject({ method: "POST", url: "/sibling", payload: { a: 1 } });
    expect(response.json()).toEqual({ got: { a: 1 } });
  });
});

describe("the result", () => {
  it("sets status, headers and every cookie", async () => {
    const response = await serve([
      answering({
        statusCode: 201,
        headers: { "Content-Type": "application/json", "X-Number": 7, "content-length": 3 },
        cookies: ["a=1; HttpOnly", "b=2; Path=/"],
        body: '{"ok":true}',
      }),
    ]).inject("/api/x");
    expect(response.statusCode).toBe(201);
    expect(response.headers).toMatchObject({
      "content-type": "application/json",
      "x-number": "7",
      "set-cookie": ["a=1; HttpOnly", "b=2; Path=/"],
      "content-length": "11",
    });
    expect(response.body).toBe('{"ok":true}');
  });

  it("sends base64 bodies as bytes", async () => {
    const bytes = Buffer.from([0, 128, 255]);
    const response = await serve([
      answering({ statusCode: 200, body: bytes.toString("base64"), isBase64Encoded: true }),
    ]).inject("/api/x");
    expect(response.rawPayload).toEqual(bytes);
  });

  it("may be a 204 without a body", async () => {
    const response = await serve([answering({ statusCode: 204 })]).inject("/api/x");
    expect([response.statusCode, response.body]).toEqual([204, ""]);
  });

  it.each([
    [{ message: "hi" }, '{"message":"hi"}'],
    ["hi", "hi"],
    [[1, 2], "[1,2]"],
    [undefined, "null"],
  ])("without a status is the body of a 200: %j", async (result, body) => {
    const response = await serve([answering(result)]).inject("/api/x");
    expect([response.statusCode, response.headers["content-type"], response.body]).toEqual([
      200,
      "application/json",
      body,
    ]);
  });

  it.each([[{ statusCode: "soon" }], [{ statusCode: 200, body: { not: "text" } }]])(
    "that is malformed is a 500: %j",
    async (result) => {
      const response = await serve([answering(result)]).inject("/api/x");
      expect([response.statusCode, response.json()]).toEqual([500, { message: "Internal Server Error" }]);
    },
  );
});

describe("refusals", () => {
  it("unknown routes and methods are 404, also HEAD; siblings keep their own", async () => {
    const app = serve([echo("GET", "/api/x")]);
    app.setNotFoundHandler((_, reply) => reply.code(404).send("the sibling's"));
    const refused = [
      await app.inject("/api/unknown"),
      await app.inject("/api"),
      await app.inject({ method: "POST", url: "/api/x", payload: "a" }),
    ];
    for (const response of refused)
      expect([response.statusCode, response.json()]).toEqual([404, { message: "Not Found" }]);
    expect((await app.inject({ method: "HEAD", url: "/api/x" })).statusCode).toBe(404);
    expect((await app.inject("/elsewhere")).body).toBe("the sibling's");
  });

  it("a path that is no valid encoding is a 400", async () => {
    expect((await serve([echo("GET", "/api/songs/{songId}")]).inject("/api/songs/%zz")).statusCode).toBe(400);
  });

  it("a handler that throws is an opaque 500", async () => {
    const failures: HttpApiRoute[] = [
      { method: "GET", path: "/api/late", handler: () => Promise.reject(new Error("secret")) },
      {
        method: "GET",
        path: "/api/at-once",
        handler: () => {
          throw new Error("secret");
        },
      },
    ];
    const app = serve(failures);
    for (const { path } of failures) {
      const response = await app.inject(path);
      expect([response.statusCode, response.json()]).toEqual([500, { message: "Internal Server Error" }]);
    }
  });

  it("a handler that takes too long is a 504, and knows how long it has", async () => {
    let remaining = Number.NaN;
    const { promise, resolve } = Promise.withResolvers<object>();
    const handler: HttpApiRoute["handler"] = (_, context) => {
      remaining = context.getRemainingTimeInMillis();
      return promise;
    };
    const app = serve([{ method: "GET", path: "/api/x", handler }], { limits: { timeoutMs: 30 } });
    const response = await app.inject("/api/x");
    resolve({});
    expect([response.statusCode, response.json()]).toEqual([504, { message: "Gateway Timeout" }]);
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(30);
  });

  it("headers above 10,240 bytes are a 431", async () => {
    const app = serve([echo("GET", "/api/x")]);
    const withHeader = (length: number) =>
      app.inject({ url: "/api/x", headers: { "x-long": "a".repeat(length) } });
    expect((await withHeader(9_000)).statusCode).toBe(200);
    expect((await withHeader(10_240)).statusCode).toBe(431);
  });

  it("a payload above 10 MB is a 413, and so is one that Lambda does not take", async () => {
    const app = serve([echo("POST", "/api/x")]);
    const post = (bytes: number) =>
      app.inject({ method: "POST", url: "/api/x", payload: Buffer.alloc(bytes) });
    for (const bytes of [10 * 1024 * 1024 + 1, 5 * 1024 * 1024]) {
      const response = await post(bytes);
      expect([response.statusCode, response.json()]).toEqual([413, { message: "Request Entity Too Large" }]);
    }
    expect((await post(1024)).statusCode).toBe(200);
  });

  it("a result above 6 MB is a 500", async () => {
    const app = serve([answering({ statusCode: 200, body: "a".repeat(6 * 1024 * 1024) })]);
    expect((await app.inject("/api/x")).statusCode).toBe(500);
  });
});

/** A GET whose header lines go out exactly as given; answers the echoed event. */
async function rawGet(
  port: number,
  target: string,
  headers: readonly string[],
): Promise<APIGatewayProxyEventV2> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    `${[`GET ${target} HTTP/1.1`, "Host: local", "Connection: close", ...headers].join("\r\n")}\r\n\r\n`,
  );
  const response = await text(socket);
  return JSON.parse(response.slice(response.indexOf("\r\n\r\n") + 4));
}

describe("a caller who leaves", () => {
  const heeding = () => {
    const { promise: called, resolve: onCall } = Promise.withResolvers<AbortSignal>();
    const { promise: answer, resolve: onAnswer } = Promise.withResolvers<object>();
    const handler: HttpApiRoute["handler"] = async (_, { signal }) => {
      onCall(signal);
      return answer;
    };
    return {
      route: { method: "GET", path: "/api/x", handler },
      called,
      answer: () => onAnswer({ statusCode: 200 }),
    };
  };

  it("is told of by the signal", async () => {
    const { route, called, answer } = heeding();
    const url = await serve([route]).listen({ host: "127.0.0.1", port: 0 });
    const caller = new AbortController();
    const fetched = fetch(`${url}/api/x`, { signal: caller.signal }).catch(() => "left");
    const signal = await called;
    expect(signal.aborted).toBe(false);
    caller.abort();
    await once(signal, "abort");
    expect(await fetched).toBe("left");
    answer();
  });

  it("is so where the call took too long; and never where it was answered", async () => {
    const slow = heeding();
    const app = serve([slow.route], { limits: { timeoutMs: 10 } });
    expect((await app.inject("/api/x")).statusCode).toBe(504);
    expect((await slow.called).aborted).toBe(true);
    slow.answer();
    const quick = heeding();
    quick.answer();
    const url = await serve([quick.route]).listen({ host: "127.0.0.1", port: 0 });
    expect((await fetch(`${url}/api/x`, { headers: { connection: "close" } })).status).toBe(200);
    expect((await quick.called).aborted).toBe(false);
  });
});
