import { S3Error } from "./errors.ts";

const lineEnd = "\r\n";
const maxLineBytes = 1024;
const maxTrailers = 16;

/** Told of a framed body as it is taken apart. */
export type ChunkObserver = {
  data(bytes: Buffer): void;
  /** A chunk has ended; the last one is empty. @param signature what the chunk says of itself */
  chunk(signature: string | undefined): void;
  /** Names in lower case. */
  trailers(fields: ReadonlyMap<string, string>): void;
};

/**
 * Takes the framing off a body that an SDK sent as `aws-chunked` (S3 API reference, "Signature calculations:
 * transferring payload in multiple chunks"): hexadecimal size, extensions, data; a chunk of size 0; trailers.
 * @throws S3Error IncompleteBody
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  observer: ChunkObserver,
): AsyncGenerator<Buffer> {
  const frames = createFrameReader(source);
  for (;;) {
    const { size, signature } = parseChunkHead(await frames.line());
    for await (const bytes of frames.data(size)) {
      observer.data(bytes);
      yield bytes;
    }
    if (size > 0 && (await frames.line()) !== "") throw incomplete("A chunk is longer than it says.");
    observer.chunk(signature);
    if (size === 0) break;
  }
  observer.trailers(await readTrailers(frames));
  // To the end, so that the connection can be used again.
  await frames.drain();
}

type FrameReader = ReturnType<typeof createFrameReader>;

async function readTrailers(frames: FrameReader): Promise<ReadonlyMap<string, string>> {
  const fields = new Map<string, string>();
  for (let line = await frames.line(); line !== ""; line = await frames.line()) {
    const [name = "", value = ""] = line.split(/:(.*)/s);
    fields.set(name.trim().toLowerCase(), value.trim());
    if (fields.size > maxTrailers) throw incomplete("There are too many trailers.");
  }
  return fields;
}

function createFrameReader(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]();
  let buffered: Buffer = Buffer.alloc(0);

  /** @returns false at the end of the body */
  async function fill(): Promise<boolean> {
    const { done, value } = await chunks.next();
    if (done) return false;
    buffered = buffered.length > 0 ? Buffer.concat([buffered, value]) : value;
    return true;
  }

  return {
    /** A line without its end; the last may lack it. */
    async line(): Promise<string> {
      for (;;) {
        const end = buffered.indexOf(lineEnd);
        if (end > maxLineBytes || (end < 0 && buffered.length > maxLineBytes))
          throw incomplete("A line of the framing is too long.");
        if (end >= 0) {
          const line = buffered.toString("latin1", 0, end);
          buffered = buffered.subarray(end + lineEnd.length);
          return line;
        }
        if (!(await fill())) throw incomplete("The body ended before its last chunk.");
      }
    },
    async *data(size: number): AsyncGenerator<Buffer> {
      for (let left = size; left > 0; ) {
        if (buffered.length === 0 && !(await fill()))
          throw incomplete("The body ended before its last chunk.");
        const part = buffered.subarray(0, left);
        left -= part.length;
        buffered = buffered.subarray(part.length);
        if (part.length > 0) yield part;
      }
    },
    async drain(): Promise<void> {
      while (await fill()) buffered = Buffer.alloc(0);
    },
  };
}

function parseChunkHead(line: string): { size: number; signature: string | undefined } {
  const [, digits, extensions = ""] = /^([0-9a-f]{1,8})((?:;.*)?)$/i.exec(line) ?? [];
  if (!digits) throw incomplete("A chunk does not begin with its size.");
  const [, signature] = /;chunk-signature=([0-9a-f]{64})$/.exec(extensions) ?? [];
  return { size: Number.parseInt(digits, 16), signature };
}

const incomplete = (message: string): S3Error => new S3Error("IncompleteBody", message);
