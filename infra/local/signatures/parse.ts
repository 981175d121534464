import type { IncomingHttpHeaders } from "node:http";
import { algorithm, type Scope } from "./canonical.ts";

export type SignatureFault =
  | "missing"
  | "malformed"
  | "unknown-key"
  | "unsigned-header"
  | "mismatch"
  | "early"
  | "expired"
  | "skewed";

/** Why a request is not let in. */
export class SignatureError extends Error {
  readonly fault: SignatureFault;

  constructor(fault: SignatureFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** What a request says of its signature. */
export type Signed = {
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** `20130524T000000Z` */
  readonly amzDate: string;
  readonly signedHeaders: readonly string[];
  /** Hexadecimal. */
  readonly signature: string;
  readonly payloadHash: string;
};

const maxExpiresSeconds = 604_800;
const unsigned = "UNSIGNED-PAYLOAD";

/** @throws SignatureError */
export function signedByHeader(headers: IncomingHttpHeaders): Signed {
  const { authorization = "", "x-amz-date": amzDate, "x-amz-content-sha256": payloadHash } = headers;
  const [name, rest = ""] = authorization.split(/ (.*)/s);
  if (name !== algorithm) throw malformed("The authorization is not by AWS4-HMAC-SHA256.");
  const fields = new Map(rest.split(",").map((field) => field.trim().split(/=(.*)/s) as [string, string]));
  return {
    ...parseCredential(fields.get("Credential")),
    amzDate: assertAmzDate(amzDate),
    signedHeaders: parseSignedHeaders(fields.get("SignedHeaders")),
    signature: parseSignature(fields.get("Signature")),
    payloadHash: typeof payloadHash === "string" ? payloadHash : "",
  };
}

/** @throws SignatureError */
export function signedByUrl(url: string): Signed & { readonly expiresSeconds: number } {
  const query = new URLSearchParams(url.split("?")[1] ?? "");
  if (!query.has("X-Amz-Signature")) throw new SignatureError("missing", "Access Denied");
  if (query.get("X-Amz-Algorithm") !== algorithm)
    throw malformed("The URL is not signed by AWS4-HMAC-SHA256.");
  const expires = query.get("X-Amz-Expires") ?? "";
  if (!/^\d{1,6}$/.test(expires) || Number(expires) > maxExpiresSeconds)
    throw malformed("X-Amz-Expires must be at most a week, in seconds.");
  return {
    ...parseCredential(query.get("X-Amz-Credential")),
    amzDate: assertAmzDate(query.get("X-Amz-Date")),
    expiresSeconds: Number(expires),
    signedHeaders: parseSignedHeaders(query.get("X-Amz-SignedHeaders")),
    signature: parseSignature(query.get("X-Amz-Signature")),
    payloadHash: query.get("X-Amz-Content-Sha256") ?? unsigned,
  };
}

type Text = string | readonly string[] | null | undefined;

function parseCredential(text: Text): Pick<Signed, "accessKeyId" | "scope"> {
  const [, accessKeyId = "", date = "", region = "", service = ""] =
    /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(String(text)) ?? [];
  if (accessKeyId === "") throw malformed("The credential is not KEY/DATE/REGION/SERVICE/aws4_request.");
  return { accessKeyId, scope: { date, region, service } };
}

function parseSignedHeaders(text: Text): readonly string[] {
  if (typeof text !== "string" || !/^[!-~]+$/.test(text)) throw malformed("SignedHeaders are missing.");
  return text.split(";");
}

function parseSignature(text: Text): string {
  if (typeof text !== "string" || !/^[0-9a-f]{64}$/.test(text))
    throw malformed("The signature is not of 64 hexadecimal digits.");
  return text;
}

function assertAmzDate(text: Text): string {
  if (typeof text !== "string" || Number.isNaN(parseAmzDate(text)))
    throw malformed("X-Amz-Date is not like 20130524T000000Z.");
  return text;
}

/** `20130524T000000Z`, in milliseconds since the epoch; NaN for other texts. */
export function parseAmzDate(text: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

const malformed = (message: string): SignatureError => new SignatureError("malformed", message);
