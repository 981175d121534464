import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { sha256Hex } from "../signatures/canonical.ts";
import { isFromLocalProgram } from "../signatures/loopback.ts";
import { SignatureError, type SignatureFault } from "../signatures/parse.ts";
import type { Verifier } from "../signatures/verify.ts";
import { isOperation } from "./dynalite.ts";
import type { Refusal } from "./refusal.ts";

const maxRequestBytes = 16 * 1024 * 1024;
const service = "com.amazon.coral.service#";

type Answer = { readonly status: number; readonly body: unknown };

const refuse = (status: number, type: string, message?: string): Answer => ({
  status,
  body: { __type: service + type, ...(message && { message }) },
});

/** DynamoDB's JSON protocol over HTTP, for programs of this machine that know the key. */
export const createDynamoDbListener =
  (run: (operation: string, input: unknown) => Promise<unknown>, verifier: Verifier): RequestListener =>
  (request, response) => {
    answer(request, run, verifier).then(
      (result) => send(response, result),
      (error: unknown) => {
        if (!request.errored) send(response, refuse(500, "InternalServerError", String(error)));
      },
    );
  };

async function answer(
  request: IncomingMessage,
  run: (operation: string, input: unknown) => Promise<unknown>,
  verifier: Verifier,
): Promise<Answer> {
  const operation = String(request.headers["x-amz-target"] ?? "").replace("DynamoDB_20120810.", "");
  const body = await readBody(request);
  if (body === undefined) return refuse(413, "RequestEntityTooLargeException");
  const stranger = refuseStranger(request, body, verifier);
  if (stranger) return stranger;
  if (!isOperation(operation)) return refuse(400, "UnknownOperationException");
  const input = parseJson(body.toString());
  if (input === undefined) return refuse(400, "SerializationException");
  try {
    return { status: 200, body: await run(operation, input) };
  } catch (error) {
    if (isRefusal(error)) return { status: error.statusCode, body: error.body };
    throw error;
  }
}

const faults: Readonly<Record<SignatureFault, string>> = {
  missing: "MissingAuthenticationTokenException",
  malformed: "IncompleteSignatureException",
  "unknown-key": "UnrecognizedClientException",
  "unsigned-header": "InvalidSignatureException",
  mismatch: "InvalidSignatureException",
  early: "InvalidSignatureException",
  expired: "InvalidSignatureException",
  skewed: "InvalidSignatureException",
};

/** The refusal of a request that a page made a browser send, or whose signature is not that of this start's key. */
function refuseStranger(request: IncomingMessage, body: Buffer, verifier: Verifier): Answer | undefined {
  if (!isFromLocalProgram(request))
    return refuse(403, "AccessDeniedException", "The embedded DynamoDB is for programs of this machine");
  const { method = "POST", url = "/", headers } = request;
  const payloadHash = sha256Hex(body);
  const claimed = headers["x-amz-content-sha256"] ?? payloadHash;
  if (claimed !== payloadHash)
    return refuse(400, "InvalidSignatureException", "The body is not the one that was signed");
  try {
    verifier.verify({ method, url, headers, payloadHash });
    return undefined;
  } catch (error) {
    if (error instanceof SignatureError) return refuse(400, faults[error.fault], error.message);
    if (error instanceof URIError) return refuse(400, "InvalidSignatureException", error.message);
    throw error;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxRequestBytes) chunks.push(chunk);
  }
  return size <= maxRequestBytes ? Buffer.concat(chunks) : undefined;
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
