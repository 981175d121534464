import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { uploadPartBytes } from "../../../core/contract/uploads.ts";
import { checksumBlockBytes, createChecksums } from "./checksums.ts";

/** The MD5 of the parts' MD5s, and how many there are, as S3 names multipart objects. */
export function multipartEtag(digests: readonly Buffer[]): string {
  return `"${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${digests.length}"`;
}

export type FileDigests = {
  readonly size: number;
  readonly checksums: string;
  /** False where the bytes are not those of the entity tag; undefined where it does not say. */
  readonly hasEtag: boolean | undefined;
};

/**
 * Compares a file with the entity tag of its object: the MD5 of the bytes, or of parts whose size is known, since
 * Encore's have been of `uploadPartBytes` from the beginning.
 */
export async function digestFile(path: string, etag: string): Promise<FileDigests> {
  const sums = createChecksums();
  const whole = createHash("md5");
  const parts = createPartDigests();
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: checksumBlockBytes })) {
    const bytes = chunk as Buffer;
    sums.update(bytes);
    if (isMultipart(etag)) parts.update(bytes);
    else whole.update(bytes);
    size += bytes.length;
  }
  const checksums = sums.end();
  if (!isMultipart(etag)) return { size, checksums, hasEtag: `"${whole.digest("hex")}"` === etag };
  const digests = parts.end();
  const isOurs = digests.length === Number(/-(\d+)"$/.exec(etag)?.[1]);
  return { size, checksums, hasEtag: isOurs ? multipartEtag(digests) === etag : undefined };
}

const isMultipart = (etag: string): boolean => etag.includes("-");

function createPartDigests() {
  const digests: Buffer[] = [];
  let hash = createHash("md5");
  let filled = 0;
  const next = () => {
    digests.push(hash.digest());
    hash = createHash("md5");
    filled = 0;
  };
  return {
    // Chunks divide parts evenly.
    update(chunk: Uint8Array): void {
      hash.update(chunk);
      filled += chunk.length;
      if (filled >= uploadPartBytes) next();
    },
    end(): readonly Buffer[] {
      if (filled > 0) next();
      return digests;
    },
  };
}
