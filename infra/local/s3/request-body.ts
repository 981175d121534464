import type { IncomingMessage } from "node:http";
import { S3Error } from "./errors.ts";

/** How long a sender may send nothing, as long as S3 waits (milliseconds). */
export const stallMs = 20_000;

/**
 * The bytes of a request as they come. Leaving the iteration early leaves the connection open, so that an answer can
 * still be sent.
 * @throws S3Error RequestTimeout where nothing comes for `limitMs`
 */
export async function* bytesOf(request: IncomingMessage, limitMs: number): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  let timer: NodeJS.Timeout | undefined;
  try {
    for (;;) {
      const next = chunks.next();
      // Nobody waits for it any more after a stall.
      next.catch(() => {});
      const stalled = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(timeout()), limitMs);
      });
      const { done, value } = await Promise.race([next, stalled]);
      clearTimeout(timer);
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    // Frees the stream for whoever reads on; not awaited, since after a stall it ends with the connection.
    chunks.return?.().catch(() => {});
  }
}

const timeout = (): S3Error =>
  new S3Error(
    "RequestTimeout",
    "Your socket connection to the server was not read from or written to within the timeout period.",
    { connection: "close" },
  );
