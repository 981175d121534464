import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { hmac, scopeText, sha256Hex } from "../signatures/canonical.ts";
import type { SignatureVerdict } from "../signatures/verify.ts";
import type { ChunkObserver } from "./aws-chunked.ts";
import { S3Error } from "./errors.ts";

/** Checks of a body against everything that its request says of it. */
export type PayloadChecks = {
  readonly isChunked: boolean;
  /** Of the framing, where `isChunked`. */
  readonly observer: ChunkObserver;
  /** Bytes without framing. */
  update(bytes: Buffer): void;
  /** @throws S3Error BadDigest, IncompleteBody, XAmzContentSHA256Mismatch */
  end(): void;
};

type Digest = { update(bytes: Buffer): void; base64(): string };

const digestsByHeader: Readonly<Record<string, () => Digest>> = {
  "content-md5": () => cryptoDigest("md5"),
  "x-amz-checksum-sha1": () => cryptoDigest("sha1"),
  "x-amz-checksum-sha256": () => cryptoDigest("sha256"),
  "x-amz-checksum-crc32": crc32Digest,
};

function cryptoDigest(algorithm: string): Digest {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), base64: () => hash.digest("base64") };
}

function crc32Digest(): Digest {
  let sum = 0;
  return {
    update: (bytes) => {
      sum = crc32(bytes, sum);
    },
    base64: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(sum);
      return bytes.toString("base64");
    },
  };
}

/**
 * @throws S3Error NotImplemented for a checksum that cannot be checked: CRC-32C and CRC-64/NVME, which the SDK takes only
 * when it is told to
 */
export function createPayloadChecks(headers: IncomingHttpHeaders, verdict: SignatureVerdict): PayloadChecks {
  const digests = new Map<string, { digest: Digest; expected: string | undefined }>();
  const announced = String(headers["x-amz-trailer"] ?? "").toLowerCase();
  for (const [name, value] of [...Object.entries(headers), ...(announced ? [[announced, undefined]] : [])]) {
    if (name !== "content-md5" && !/^x-amz-checksum-(?!algorithm$|type$|mode$)/.test(String(name))) continue;
    const create = digestsByHeader[String(name)];
    if (!create) throw new S3Error("NotImplemented", `The embedded S3 does not check ${name}.`);
    digests.set(String(name), {
      digest: create(),
      expected: value === undefined ? undefined : String(value),
    });
  }
  const { payloadHash } = verdict;
  const isChunked =
    payloadHash.startsWith("STREAMING-") || (headers["content-encoding"]?.includes("aws-chunked") ?? false);
  const whole = /^[0-9a-f]{64}$/.test(payloadHash) ? createHash("sha256") : undefined;
  const decodedLength = headers["x-amz-decoded-content-length"];
  const signatures = payloadHash.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
    ? signedChunks(verdict)
    : { data: () => {}, chunk: () => {}, trailers: () => {} };
  let size = 0;

  return {
    isChunked,
    observer: {
      ...signatures,
      trailers(fields) {
        signatures.trailers(fields);
        for (const [name, entry] of digests) entry.expected ??= fields.get(name);
      },
    },
    update(bytes) {
      size += bytes.length;
      whole?.update(bytes);
      for (const { digest } of digests.values()) digest.update(bytes);
    },
    end() {
      if (isChunked && decodedLength !== undefined && Number(decodedLength) !== size)
        throw new S3Error("IncompleteBody", "The body has another length than it was said to have.");
      if (whole && whole.digest("hex") !== payloadHash)
        throw new S3Error("XAmzContentSHA256Mismatch", "The body is not the one that was signed.");
      for (const { digest, expected } of digests.values())
        if (digest.base64() !== expected)
          throw new S3Error("BadDigest", "The digest you specified did not match what was received.");
    },
  };
}

const trailerSignature = "x-amz-trailer-signature";

/** Each signature goes on from the one before: the request's, the chunks', the trailers'. */
function signedChunks({ key, amzDate, scope, signature, payloadHash }: SignatureVerdict): ChunkObserver {
  let previous = signature;
  let hash = createHash("sha256");

  function follow(given: string, kind: string, ...hashes: readonly string[]): void {
    const lines = [`AWS4-HMAC-SHA256-${kind}`, amzDate, scopeText(scope), previous, ...hashes];
    const expected = hmac(key, lines.join("\n"));
    const bytes = Buffer.from(given, "hex");
    if (bytes.length !== expected.length || !timingSafeEqual(bytes, expected))
      throw new S3Error("SignatureDoesNotMatch", "A chunk is not the one that was signed.");
    previous = given;
  }

  return {
    data: (bytes) => void hash.update(bytes),
    chunk(given = "") {
      follow(given, "PAYLOAD", sha256Hex(""), hash.digest("hex"));
      hash = createHash("sha256");
    },
    trailers(fields) {
      if (!payloadHash.endsWith("-TRAILER")) return;
      const signed = [...fields].filter(([name]) => name !== trailerSignature);
      const text = signed.map(([name, value]) => `${name}:${value}\n`).join("");
      follow(fields.get(trailerSignature) ?? "", "TRAILER", sha256Hex(text));
    },
  };
}
