import type { ByteRange } from "../../core/domain/delivery/ranges.ts";
import type { RangeReader } from "./range-reader.ts";
import type { ResponseWriter } from "./response-writer.ts";

export type PartsToSend = {
  /** Ranges, and the text between them. */
  readonly parts: readonly (ByteRange | string)[];
  readonly writer: ResponseWriter;
  open(range: ByteRange): RangeReader;
  /** Called once, when the first bytes are in memory and before anything is written. */
  sendHead(): void;
  onBytes(count: number): void;
};

/**
 * Sends a body as fast as the client reads it; cached bytes are sent without a turn of the event loop.
 * @throws what the reader throws: before `sendHead` nothing has been sent, after it the response is not whole.
 */
export async function sendParts({ parts, writer, open, sendHead, onBytes }: PartsToSend): Promise<void> {
  const first = parts.find((part) => typeof part !== "string");
  const ready = first && open(first);
  await ready?.whenReadable();
  if (writer.destroyed) return;
  sendHead();
  for (const part of parts) {
    if (typeof part === "string") writer.write(part);
    else await sendRange(part === first && ready ? ready : open(part), writer, onBytes);
  }
}

async function sendRange(
  reader: RangeReader,
  writer: ResponseWriter,
  onBytes: (count: number) => void,
): Promise<void> {
  while (!reader.done && !writer.destroyed) {
    const wait = writer.whenWritable() ?? reader.whenReadable();
    if (wait) await wait;
    else {
      const bytes = reader.read();
      writer.write(bytes);
      onBytes(bytes.length);
    }
  }
}
