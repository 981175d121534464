import type { IncomingMessage } from "node:http";
import { isFromLocalProgram } from "../signatures/loopback.ts";
import { SignatureError, type SignatureFault } from "../signatures/parse.ts";
import type { SignatureVerdict, SignedRequest, Verifier } from "../signatures/verify.ts";
import { S3Error, type S3ErrorCode } from "./errors.ts";

const codes: Readonly<Record<SignatureFault, S3ErrorCode>> = {
  missing: "AccessDenied",
  malformed: "AuthorizationHeaderMalformed",
  "unknown-key": "InvalidAccessKeyId",
  "unsigned-header": "AccessDenied",
  mismatch: "SignatureDoesNotMatch",
  early: "AccessDenied",
  expired: "AccessDenied",
  skewed: "RequestTimeTooSkewed",
};

/** What a request's signature says. @throws S3Error where it is not that of this start's key */
export function verifySignature(verifier: Verifier, request: SignedRequest): SignatureVerdict {
  try {
    return verifier.verify(request);
  } catch (error) {
    if (error instanceof URIError)
      throw new S3Error("InvalidArgument", "The path is not valid percent-encoding.");
    if (error instanceof SignatureError) throw new S3Error(codes[error.fault], error.message);
    throw error;
  }
}

/** @throws S3Error AccessDenied for what a page made a browser send */
export function assertFromThisMachine(message: IncomingMessage): void {
  if (!isFromLocalProgram(message))
    throw new S3Error("AccessDenied", "The embedded S3 is for programs of this machine, not for pages.");
}
