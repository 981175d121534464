import type { FileHandle } from "node:fs/promises";

/** Up to `length` bytes from `position` on: fewer where the file ends before. */
export async function readAt(
  handle: FileHandle,
  position: number,
  length: number,
): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.alloc(length);
  let at = 0;
  // One read may bring less than was asked for, and brings nothing where the file ends.
  for (let read = length; read > 0 && at < length; at += read)
    read = (await handle.read(bytes, at, length - at, position + at)).bytesRead;
  return bytes.subarray(0, at);
}
