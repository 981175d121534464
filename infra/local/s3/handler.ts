import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Log } from "../../../core/domain/ports.ts";
import { adviceFor, diskFaultOf } from "../disk.ts";
import { assertAccess } from "./access.ts";
import { createOnce } from "./bounded.ts";
import { createBucket, deleteBucket, headBucket, listObjects } from "./buckets.ts";
import { DamageError } from "./checksums.ts";
import { handleCors } from "./cors.ts";
import { errorXml, S3Error } from "./errors.ts";
import { deleteObject, deleteObjects, getObject, headObject, putObject } from "./objects.ts";
import { PointerError } from "./pointers.ts";
import { parseRequest, type S3Request, sendXml } from "./request.ts";
import type { Stores } from "./stores.ts";
import { abortUpload, completeUpload, createUpload, listParts, uploadPart } from "./uploads.ts";

type Operation = (stores: Stores, request: S3Request, response: ServerResponse) => Promise<void>;

const bucketOperations: Readonly<Record<string, Operation>> = {
  PUT: createBucket,
  HEAD: headBucket,
  DELETE: deleteBucket,
  "GET list-type": listObjects,
  "POST delete": deleteObjects,
};

const objectOperations: Readonly<Record<string, Operation>> = {
  PUT: putObject,
  GET: getObject,
  HEAD: headObject,
  DELETE: deleteObject,
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
  (stores: Stores, log: Log): RequestListener =>
  (request, response) => {
    response.setHeader("x-amz-request-id", randomUUID());
    if (handleCors(request, response)) return;
    const failWith = (error: unknown) => fail(request, response, error);
    handle(stores, log, request, response).catch(failWith);
  };

async function handle(stores: Stores, log: Log, message: IncomingMessage, response: ServerResponse) {
  const request = parseRequest(message);
  assertAccess(request, Date.now());
  try {
    await findOperation(request)(stores, request, response);
  } catch (error) {
    throw explain(stores, log, request, error);
  }
}

/** A disk that is full refuses every request; the log has one line a minute. */
const isFirst = createOnce();

/** Tells the log of what the operator must know, and the caller what S3 would say. */
function explain({ objects }: Stores, log: Log, { bucket, key, method }: S3Request, error: unknown): unknown {
  if (error instanceof DamageError || error instanceof PointerError) {
    objects.reportDamage(bucket, key, error);
    return new S3Error("InternalError", "The object is damaged; the log says which file");
  }
  const code = diskFaultOf(error);
  if (code === undefined) return error;
  if (isFirst(`${code} ${Math.floor(Date.now() / 60_000)}`))
    log.error({ code, method, bucket, key }, `The disk refused a request (${code}): ${adviceFor(code)}`);
  return new S3Error("ServiceUnavailable", `The disk cannot take this now (${code}). Please try again.`);
}

/** Once the head has left, an error can only be told by breaking the connection. */
function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || (request.destroyed && !request.complete)) {
    response.destroy();
    return;
  }
  // A sender who is still sending reads no answer before the end.
  request.resume();
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
