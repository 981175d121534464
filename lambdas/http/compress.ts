import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { chooseCoding, encode } from "../../core/domain/shared/content-coding.ts";
import type { HttpRequest } from "./request.ts";

/** What is smaller fits into one packet as it is (bytes). */
const minBytes = 1_024;
/** Of brotli's 11: the most that takes less time than sending what it saves. */
const quality = 4;

/**
 * An answer in the coding that its asker takes; an HTTP API of API Gateway has no compression of its own.
 *
 * Of GET alone: what compresses well tells by its length whether two texts in it are alike (BREACH), so a secret must
 * never stand beside text of somebody else's choosing. Tokens and tickets are answers to POST.
 */
export async function compressAnswer(
  { method, headers }: Pick<HttpRequest, "method" | "headers">,
  result: APIGatewayProxyStructuredResultV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { body = "" } = result;
  if (method !== "GET" || body.length < minBytes) return result;
  const coding = chooseCoding(headers["accept-encoding"]);
  const vary = { ...result.headers, vary: "Accept-Encoding" };
  if (coding === "identity") return { ...result, headers: vary };
  return {
    ...result,
    headers: { ...vary, "content-encoding": coding },
    body: (await encode(coding, Buffer.from(body), quality)).toString("base64"),
    isBase64Encoded: true,
  };
}
