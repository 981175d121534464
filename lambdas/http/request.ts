import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { DomainError } from "../../core/domain/errors.ts";
import { parseCookies } from "../../core/domain/shared/cookies.ts";
import { bearerOf } from "../../core/domain/shared/http-credentials.ts";
import { isSecret } from "../../core/domain/shared/secret.ts";
import { parseJson } from "../../core/domain/shared/text.ts";
import type { Conditions } from "../../core/domain/subscriptions/commit.ts";

/** What a use case at the edge (sign-in, throttling) may know of the request beyond its input. */
export type HttpRequest = {
  readonly id: string;
  readonly method: string;
  /** The client's network address, as the edge saw it, or the gateway where none stands before it. */
  readonly address: string;
  readonly userAgent: string;
  readonly origin: string | undefined;
  readonly cookies: ReadonlyMap<string, string>;
  readonly bearer: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Aborted when the client does not wait for the answer any more, where the gateway tells of it; AWS's does not. */
  readonly signal: AbortSignal | undefined;
};

/** What a gateway that runs in this process tells a function beyond Lambda's own context. */
export type CallContext = Pick<Context, "awsRequestId"> & { readonly signal?: AbortSignal };

export function readRequest(
  event: APIGatewayProxyEventV2,
  { signal }: CallContext,
  edgeSecret?: string,
): HttpRequest {
  const { http, requestId } = event.requestContext;
  return {
    id: requestId,
    method: http.method,
    address: edgeAddress(event, edgeSecret) ?? http.sourceIp,
    userAgent: http.userAgent ?? "",
    origin: event.headers.origin,
    cookies: parseCookies(event.cookies ?? []),
    bearer: bearerOf(event.headers.authorization),
    headers: event.headers,
    signal,
  };
}

/**
 * Behind CloudFront the gateway sees an edge's address, which thousands share. The edge names the viewer's, and is known
 * by its secret: whoever calls the gateway past it could write any address there.
 */
function edgeAddress(
  { headers }: APIGatewayProxyEventV2,
  edgeSecret: string | undefined,
): string | undefined {
  if (edgeSecret === undefined || !isSecret(edgeSecret, headers["x-encore-edge"])) return undefined;
  return headers["x-encore-viewer"];
}

/** JSON bodies only; 256 KiB is far above anything the API takes. */
const maxBodyBytes = 256 * 1024;
/** Refuses bytes that are no UTF-8 rather than change them (RFC 8259 §8.1). */
const utf8 = new TextDecoder("utf-8", { fatal: true });

export function readJsonBody(event: APIGatewayProxyEventV2, optional: boolean): unknown {
  const bytes = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  if (bytes.length === 0) {
    if (optional) return {};
    throw new DomainError("invalid-request", "A JSON body is needed");
  }
  if (bytes.length > maxBodyBytes) throw new DomainError("too-large", `At most ${maxBodyBytes} bytes`);
  const contentType = event.headers["content-type"] ?? "";
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType))
    throw new DomainError("unsupported-media-type", "Send the body as Content-Type: application/json");
  try {
    return parseJson(utf8.decode(bytes));
  } catch {
    throw new DomainError(
      "invalid-request",
      "The body is not valid JSON of Unicode text in UTF-8, nested less than 32 deep",
    );
  }
}

/** The body as it came. @throws DomainError `unsupported-media-type`, `too-large`, `invalid-request` where there is none */
export function readBytes(
  { body = "", isBase64Encoded, headers }: APIGatewayProxyEventV2,
  { contentTypes, maxBytes }: { readonly contentTypes: readonly string[]; readonly maxBytes: number },
): Uint8Array {
  const contentType = (headers["content-type"] ?? "").replace(/\s*;.*$/s, "").toLowerCase();
  if (!contentTypes.includes(contentType))
    throw new DomainError("unsupported-media-type", `Send the body as one of ${contentTypes.join(", ")}`);
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length === 0) throw new DomainError("invalid-request", "A body is needed");
  if (bytes.length > maxBytes) throw new DomainError("too-large", `At most ${maxBytes} bytes`);
  return bytes;
}

/** Of a revision, as `If-Match` names it. */
export const entityTag = /^"([0-9]{1,15})"$/;

/** `Idempotency-Key`, `If-Match: "<revision>"` or `*`, and `If-None-Match: *` of a conditional route. */
export function readConditions({ headers }: HttpRequest): Conditions {
  const { "idempotency-key": changeId, "if-match": match, "if-none-match": noneMatch } = headers;
  if (changeId !== undefined && !/^[\x21-\x7e]{8,64}$/.test(changeId))
    throw new DomainError("invalid-request", "Idempotency-Key must be 8 to 64 visible ASCII characters");
  const ifMatch = match === undefined ? undefined : readIfMatch(match);
  if (noneMatch !== undefined && noneMatch !== "*")
    throw new DomainError("invalid-request", "If-None-Match must be *");
  return {
    ...(changeId !== undefined && { changeId }),
    ...(ifMatch !== undefined && { ifMatch }),
    ...(noneMatch !== undefined && { ifNoneMatch: noneMatch }),
  };
}

function readIfMatch(match: string): number | "*" {
  if (match === "*") return match;
  const revision = entityTag.exec(match)?.[1];
  if (revision === undefined)
    throw new DomainError("invalid-request", 'If-Match must be a revision in quotes, like "12", or *');
  return Number(revision);
}
