import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createS3Client } from "../../core/aws/clients.ts";
import { createObjectStore } from "../../core/aws/object-store.ts";
import type { ObjectReader } from "../../core/domain/shared/object-store.ts";

/** How the origin answers one request for bytes. */
type Behaviour =
  | { readonly kind: "whole" }
  /** The connection breaks after so many bytes of the body. */
  | { readonly kind: "cut"; readonly after: number }
  /** Nothing more comes after so many bytes; -1: not even the head of the answer. */
  | { readonly kind: "stall"; readonly after: number }
  | { readonly kind: "status"; readonly status: number }
  /** Heeds neither If-Match nor Range, as some engines do. */
  | { readonly kind: "careless" };

export type FaultyOrigin = {
  /** Where it listens, for readers in other processes; its bucket is called `origin`. */
  readonly endpoint: string;
  readonly source: ObjectReader;
  /** Ranges asked for so far, as they came. */
  readonly asked: string[];
  /** Decides how the next requests are answered; told the number of the request, from 0 on. */
  behave(next: (request: number) => Behaviour): void;
  /** Writes an object, over an earlier version; returns its ETag. */
  put(key: string, body: Buffer, etag?: string): string;
  /** Connections on which an answer is under way. */
  busy(): number;
  sockets(): number;
  close(): Promise<void>;
};

type StoredObject = { readonly etag: string; readonly body: Buffer };

const whole: Behaviour = { kind: "whole" };

/** As much of S3 as a reader needs, over real HTTP with the real SDK before it, and with faults to order. */
export async function startFaultyOrigin(): Promise<FaultyOrigin> {
  const objects = new Map<string, StoredObject>();
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const busy = new Set<ServerResponse>();
  let next: (request: number) => Behaviour = () => whole;

  const server = createServer((request, response) => {
    const behaviour = next(asked.length);
    asked.push(request.headers.range ?? "");
    busy.add(response);
    response.on("close", () => busy.delete(response));
    answer(objects.get(decodeURIComponent(request.url?.split("?")[0] ?? "")), request, response, behaviour);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const endpoint = `http://127.0.0.1:${address.port}`;
  const client = createS3Client({
    endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });

  return {
    endpoint,
    source: createObjectStore({ client, bucket: "origin" }),
    asked,
    behave(decide) {
      next = decide;
    },
    put(key, body, etag = md5(body)) {
      objects.set(`/origin/${key}`, { etag, body });
      return etag;
    },
    busy: () => busy.size,
    sockets: () => sockets.size,
    async close() {
      client.destroy();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const md5 = (body: Buffer): string => `"${createHash("md5").update(body).digest("hex")}"`;

function answer(
  object: StoredObject | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  behaviour: Behaviour,
): void {
  if (behaviour.kind === "stall" && behaviour.after < 0) return;
  const refusal = refusalOf(object, request, behaviour);
  if (refusal !== undefined || !object) refuse(response, refusal ?? 404);
  else if (request.method === "HEAD")
    response.writeHead(200, { etag: object.etag, "content-length": object.body.length }).end();
  else if (behaviour.kind === "careless")
    response.writeHead(200, { etag: object.etag, "content-length": object.body.length }).end(object.body);
  else sendRange(object, request, response, behaviour);
}

function refusalOf(object: StoredObject | undefined, request: IncomingMessage, behaviour: Behaviour) {
  if (behaviour.kind === "status") return behaviour.status;
  if (!object) return 404;
  const pinned =
    request.method === "HEAD" || behaviour.kind === "careless" || request.headers["if-match"] === object.etag;
  return pinned ? undefined : 412;
}

function sendRange(
  { etag, body }: StoredObject,
  request: IncomingMessage,
  response: ServerResponse,
  behaviour: Behaviour,
): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const bytes = body.subarray(Number(first), Number(last) + 1);
  response.writeHead(206, {
    etag,
    "content-length": bytes.length,
    "content-range": `bytes ${first}-${last}/${body.length}`,
  });
  if (behaviour.kind === "stall") response.write(bytes.subarray(0, behaviour.after));
  else if (behaviour.kind === "cut")
    response.write(bytes.subarray(0, behaviour.after), () => response.socket?.destroySoon());
  else response.end(bytes);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><Error><Code>Fault${status}</Code><Message>to order</Message></Error>`);
}
