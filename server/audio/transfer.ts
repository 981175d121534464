import type { ByteRange } from "../../core/domain/streaming/ranges.ts";
import type { Outlet } from "./outlet.ts";
import type { Cursor } from "./reader.ts";

export type Transfer = {
  /** Ranges, and the text between them. */
  readonly parts: readonly (ByteRange | string)[];
  readonly outlet: Outlet;
  open(range: ByteRange): Cursor;
  /** Called once, when the first audio is at hand and before anything is written. */
  begin(): void;
  onBytes(count: number): void;
};

/**
 * Sends a body as fast as the listener takes it; what is cached goes out without a turn of the event loop.
 * @throws what the reader throws: before `begin` nothing has been sent, after it the response is not whole.
 */
export async function transfer({ parts, outlet, open, begin, onBytes }: Transfer): Promise<void> {
  const first = parts.find((part) => typeof part !== "string");
  const ready = first && open(first);
  await ready?.wait();
  if (outlet.gone) return;
  begin();
  for (const part of parts) {
    if (typeof part === "string") outlet.write(part);
    else await pour(part === first && ready ? ready : open(part), outlet, onBytes);
  }
}

async function pour(cursor: Cursor, outlet: Outlet, onBytes: (count: number) => void): Promise<void> {
  while (!cursor.done && !outlet.gone) {
    const wait = outlet.room() ?? cursor.wait();
    if (wait) await wait;
    else {
      const bytes = cursor.take();
      outlet.write(bytes);
      onBytes(bytes.length);
    }
  }
}
