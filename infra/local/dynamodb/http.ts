import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { isOperation } from "./dynalite.ts";
import type { Refusal } from "./refusal.ts";

const maxRequestBytes = 16 * 1024 * 1024;
const service = "com.amazon.coral.service#";

type Answer = { readonly status: number; readonly body: unknown };

const refuse = (status: number, type: string, message?: string): Answer => ({
  status,
  body: { __type: service + type, ...(message && { message }) },
});

/** DynamoDB's JSON protocol over HTTP. Signatures are not checked: the engine listens on loopback only. */
export const createRequestListener =
  (run: (operation: string, input: unknown) => Promise<unknown>): RequestListener =>
  (request, response) => {
    answer(request, run).then(
      (result) => send(response, result),
      (error: unknown) => {
        if (!request.errored) send(response, refuse(500, "InternalServerError", String(error)));
      },
    );
  };

async function answer(
  request: IncomingMessage,
  run: (operation: string, input: unknown) => Promise<unknown>,
): Promise<Answer> {
  const operation = String(request.headers["x-amz-target"] ?? "").replace("DynamoDB_20120810.", "");
  const body = await readBody(request);
  if (body === undefined) return refuse(413, "RequestEntityTooLargeException");
  if (!isOperation(operation)) return refuse(400, "UnknownOperationException");
  const input = parseJson(body);
  if (input === undefined) return refuse(400, "SerializationException");
  try {
    return { status: 200, body: await run(operation, input) };
  } catch (error) {
    if (isRefusal(error)) return { status: error.statusCode, body: error.body };
    throw error;
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxRequestBytes) chunks.push(chunk);
  }
  return size <= maxRequestBytes ? Buffer.concat(chunks).toString() : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRefusal = (error: unknown): error is Refusal =>
  typeof error === "object" && error !== null && "statusCode" in error && "body" in error;

function send(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
