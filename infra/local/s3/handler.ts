import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createOnce } from "../bounded.ts";
import { adviceFor, diskFaultOf } from "../disk.ts";
import { assertFromThisMachine, verifySignature } from "./access.ts";
import { createBucket, deleteBucket, headBucket, listObjects } from "./buckets.ts";
import { DamageError } from "./checksums.ts";
import { errorXml, S3Error } from "./errors.ts";
import { deleteObject, deleteObjects, getObject, headObject, putObject } from "./objects.ts";
import { PointerError } from "./pointers.ts";
import { parseRequest, type S3Request, sendXml } from "./request.ts";
import type { BucketStores } from "./stores.ts";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createUpload,
  listParts,
  uploadPart,
} from "./uploads.ts";

type Operation = (stores: BucketStores, request: S3Request, response: ServerResponse) => Promise<void>;

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
  "POST uploadId": completeMultipartUpload,
  "DELETE uploadId": abortMultipartUpload,
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

/** S3's REST API, as much of it as Encore uses, for programs of this machine that know the key. */
export const createS3Listener =
  (stores: BucketStores): RequestListener =>
  (message, response) =>
    answer(stores, message, response, async () => {
      assertFromThisMachine(message);
      const { method = "GET", url = "/", headers } = message;
      const request = parseRequest(message, verifySignature(stores.verifier, { method, url, headers }));
      return { request, operation: findOperation(request) };
    });

/** How others than programs of this machine reach the engine. */
export type PublicAccess = {
  /** What they call it, like `encore.example:8443`. */
  readonly host: string;
  /** The path below which it lies, like `/parts`. */
  readonly base: string;
  /** Pages that may send. */
  readonly origins: readonly string[];
  readonly maxPartBytes: number;
};

/** `PUT` of parts by presigned URLs that say the length, and nothing else. */
export const createPartListener =
  (stores: BucketStores, { host, base, origins, maxPartBytes }: PublicAccess): RequestListener =>
  (message, response) =>
    answer(stores, message, response, async () => {
      const { method = "GET", url = "/", headers } = message;
      if (headers.origin !== undefined && !origins.includes(headers.origin))
        throw new S3Error("AccessDenied", "Parts are taken from Encore's own pages only.");
      if (method !== "PUT" || headers.authorization !== undefined)
        throw new S3Error("AccessDenied", "Only parts of uploads are taken here.");
      const verdict = verifySignature(stores.verifier, { method, url, headers, host });
      const request = parseRequest(message, verdict, base);
      if (findOperation(request) !== uploadPart || !verdict.signedHeaders.includes("content-length"))
        throw new S3Error("AccessDenied", "Only parts of uploads are taken here.");
      if (Number(headers["content-length"]) > maxPartBytes)
        throw new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
      return { request, operation: uploadPart };
    });

type Authorized = { readonly request: S3Request; readonly operation: Operation };

function answer(
  stores: BucketStores,
  message: IncomingMessage,
  response: ServerResponse,
  authorize: () => Promise<Authorized>,
): void {
  response.setHeader("x-amz-request-id", randomUUID());
  const run = async () => {
    const { request, operation } = await authorize();
    await operation(stores, request, response).catch((error: unknown) => {
      throw explain(stores, request, error);
    });
  };
  run().catch((error: unknown) => fail(message, response, error));
}

/** A disk that is full refuses every request; the log has one line a minute. */
const isFirst = createOnce();

/** Tells the log of what the operator must know, and the caller what S3 would say. */
function explain(
  { objects, log }: BucketStores,
  { bucket, key, method }: S3Request,
  error: unknown,
): unknown {
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
