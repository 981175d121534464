import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { assertAccess } from "./access.ts";
import { createBucket, deleteBucket, headBucket, listObjects } from "./buckets.ts";
import { handleCors } from "./cors.ts";
import { errorXml, S3Error } from "./errors.ts";
import { deleteObject, deleteObjects, getObject, headObject, putObject } from "./objects.ts";
import { parseRequest, type S3Request, sendXml } from "./request.ts";
import { abortUpload, completeUpload, createUpload, listParts, type Stores, uploadPart } from "./uploads.ts";

type Operation = (stores: Stores, request: S3Request, response: ServerResponse) => Promise<void>;

const bucketOperations: Readonly<Record<string, Operation>> = {
  PUT: ({ objects }, ...rest) => createBucket(objects, ...rest),
  HEAD: ({ objects }, ...rest) => headBucket(objects, ...rest),
  DELETE: ({ objects }, ...rest) => deleteBucket(objects, ...rest),
  "GET list-type": ({ objects }, ...rest) => listObjects(objects, ...rest),
  "POST delete": ({ objects }, ...rest) => deleteObjects(objects, ...rest),
};

const objectOperations: Readonly<Record<string, Operation>> = {
  PUT: ({ objects }, ...rest) => putObject(objects, ...rest),
  GET: ({ objects }, ...rest) => getObject(objects, ...rest),
  HEAD: ({ objects }, ...rest) => headObject(objects, ...rest),
  DELETE: ({ objects }, ...rest) => deleteObject(objects, ...rest),
  "POST uploads": createUpload,
  "PUT partNumber uploadId": uploadPart,
  "GET uploadId": listParts,
  "POST uploadId": completeUpload,
  "DELETE uploadId": abortUpload,
};

/** Query parameters that refine an operation; any other names one (`tagging`, `acl`, …). */
const refinements = new Set([
  "x-id",
  "prefix",
  "delimiter",
  "start-after",
  "continuation-token",
  "max-keys",
  "encoding-type",
  "fetch-owner",
  "max-parts",
  "part-number-marker",
]);

const isRefinement = (name: string): boolean => /^(x-amz-|response-)/i.test(name) || refinements.has(name);

/**
 * The operation asked for. What this engine lacks it refuses, rather than take it for a plain read or write.
 * @throws S3Error NotImplemented
 */
function findOperation({ method, key, query, message }: S3Request): Operation {
  const names = [...new Set(query.keys())].filter((name) => !isRefinement(name)).sort();
  const operations = key === "" ? bucketOperations : objectOperations;
  const operation = operations[[method, ...names].join(" ")];
  if (!operation || message.headers["x-amz-copy-source"])
    throw new S3Error("NotImplemented", "The embedded S3 does not implement this.");
  return operation;
}

/** S3's REST API, as much of it as Encore uses. */
export const createRequestListener =
  (stores: Stores): RequestListener =>
  (request, response) => {
    response.setHeader("x-amz-request-id", randomUUID());
    if (handleCors(request, response)) return;
    handle(stores, request, response).catch((error: unknown) => fail(request, response, error));
  };

async function handle(stores: Stores, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = parseRequest(message);
  assertAccess(request, Date.now());
  await findOperation(request)(stores, request, response);
}

/** Once the head has left, an error can only be told by breaking the connection. */
function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || (request.destroyed && !request.complete)) {
    response.destroy();
    return;
  }
  const refusal = error instanceof S3Error ? error : undefined;
  const code = refusal?.code ?? "InternalError";
  const message = error instanceof Error ? error.message : String(error);
  sendXml(
    response,
    refusal?.status ?? 500,
    request.method === "HEAD" ? "" : errorXml(code, message),
    refusal?.headers,
  );
}
