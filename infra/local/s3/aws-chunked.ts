import { S3Error } from "./errors.ts";

const lineEnd = "\r\n";
const maxLineBytes = 1024;

/**
 * Takes the framing off a body that an SDK sent as `aws-chunked` (S3 API reference, "Signature calculations:
 * transferring payload in multiple chunks"): hexadecimal size, extensions, data; a chunk of size 0; trailers.
 * Signatures and trailing checksums are not checked.
 * @throws S3Error IncompleteBody
 */
export async function* decodeAwsChunked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let buffered: Buffer = Buffer.alloc(0);
  let left = 0;
  let ended = false;
  for await (const data of source) {
    // After the last chunk come trailers: read to the end, so that the connection can be used again.
    if (ended) continue;
    buffered = buffered.length > 0 ? Buffer.concat([buffered, data]) : data;
    while (buffered.length > 0 && !ended) {
      if (left > 0) {
        const part = buffered.subarray(0, left);
        left -= part.length;
        buffered = buffered.subarray(part.length);
        yield part;
        continue;
      }
      const end = buffered.indexOf(lineEnd);
      if (end < 0 && buffered.length < maxLineBytes) break;
      const line = buffered.toString("latin1", 0, Math.max(0, end));
      buffered = buffered.subarray(end + lineEnd.length);
      // The empty line is the one that ends a chunk's data.
      if (line === "" && end === 0) continue;
      left = parseSize(line);
      ended = left === 0;
    }
  }
  if (!ended) throw new S3Error("IncompleteBody", "The body ended before its last chunk.");
}

function parseSize(line: string): number {
  const [, digits] = /^([0-9a-f]{1,8})(?:;.*)?$/i.exec(line) ?? [];
  if (!digits) throw new S3Error("IncompleteBody", "A chunk does not begin with its size.");
  return Number.parseInt(digits, 16);
}
