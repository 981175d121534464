import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** How a text is sent, best first; `identity` is as it is. */
const contentCodings = ["br", "gzip", "identity"] as const;
export type ContentCoding = (typeof contentCodings)[number];

/**
 * The coding in which an answer is sent (RFC 9110 §12.5.3): what the asker likes best, and among equals the smallest.
 * Where nothing is left, `identity`: §12.4.1 allows to send that rather than to refuse.
 * @param header value of Accept-Encoding
 */
export function chooseCoding(header = ""): ContentCoding {
  const weights = new Map(header.split(",").map(parseWeighted));
  // A coding that is not named could be sent too; but whoever does not name it may be unable to read it.
  const weightOf = (coding: ContentCoding) => weights.get(coding) ?? weights.get("*") ?? 0;
  const best = Math.max(...contentCodings.map(weightOf));
  return best > 0 ? (contentCodings.find((coding) => weightOf(coding) === best) ?? "identity") : "identity";
}

/** Of `gzip;q=0.5`; a weight that cannot be read counts as none. */
function parseWeighted(part: string): [string, number] {
  const [name = "", ...parameters] = part.toLowerCase().split(";");
  const weight = parameters.map((text) => /^\s*q\s*=\s*([\d.]+)\s*$/.exec(text)?.[1]).find(Boolean);
  return [name.trim(), weight === undefined ? 1 : Number(weight) || 0];
}

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/**
 * @param quality of brotli, from 0 to 11
 * @param level of gzip, from 0 to 9
 */
export async function encode(
  coding: ContentCoding,
  body: Buffer,
  quality: number,
  level: number = constants.Z_DEFAULT_COMPRESSION,
): Promise<Buffer> {
  if (coding === "identity") return body;
  if (coding === "gzip") return zip(body, { level });
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  return brotli(body, { params: { [BROTLI_PARAM_QUALITY]: quality, [BROTLI_PARAM_SIZE_HINT]: body.length } });
}
