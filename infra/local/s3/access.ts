import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";

/**
 * A bucket is private: a request must be signed, and a presigned one not too old. Whether the signature is right is
 * not checked; what a caller could forget on a laptop, not what an attacker could forge, is caught here.
 * @throws S3Error AccessDenied
 */
export function assertAccess({ message, query }: S3Request, now: number): void {
  if (message.headers.authorization) return;
  if (!query.has("X-Amz-Signature")) throw new S3Error("AccessDenied", "Access Denied");
  const signedAt = parseAmzDate(query.get("X-Amz-Date") ?? "");
  const expiresAt = signedAt + Number(query.get("X-Amz-Expires")) * 1000;
  if (!(now < expiresAt)) throw new S3Error("AccessDenied", "Request has expired");
}

/** `20130524T000000Z`, in milliseconds since the epoch. */
const parseAmzDate = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
