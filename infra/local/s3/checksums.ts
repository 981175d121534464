import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { DiskFile } from "../disk.ts";

/** One checksum for so many bytes: as many as a node's cache asks for at once, so that it reads nothing twice. */
export const checksumBlockBytes = 256 * 1024;

const checksumBytes = 4;
const minBufferBytes = 4096;

/** The bytes of an object are not those that were stored. */
export class DamageError extends Error {}

type Written = {
  readonly size: number;
  /** CRC-32 of each block of `checksumBlockBytes`, big-endian, as base64. */
  readonly checksums: string;
  /** CRC-32 of the whole, as a decimal number. */
  readonly crc: string;
};

export type BlockWriter = {
  write(chunk: Uint8Array): Promise<void>;
  /** Writes what is left. */
  end(): Promise<Written>;
};

/** Writes bytes in whole blocks, and takes the checksum of each. @param expectedBytes as many as will come, if known */
export function createBlockWriter(file: DiskFile, expectedBytes = checksumBlockBytes): BlockWriter {
  const block = Buffer.allocUnsafe(Math.max(minBufferBytes, Math.min(checksumBlockBytes, expectedBytes)));
  const sums = createChecksums();
  let filled = 0;
  let size = 0;
  let crc = 0;

  async function flush(): Promise<void> {
    const bytes = block.subarray(0, filled);
    sums.update(bytes);
    crc = crc32(bytes, crc);
    await file.write(bytes);
    size += filled;
    filled = 0;
  }

  return {
    async write(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.subarray(at, at + block.length - filled);
        block.set(piece, filled);
        filled += piece.length;
        at += piece.length;
        if (filled === block.length) await flush();
      }
    },
    async end() {
      if (filled > 0) await flush();
      return { size, checksums: sums.end(), crc: String(crc) };
    },
  };
}

/** Checksums of blocks whose bytes come in any pieces. */
export function createChecksums() {
  const sums: number[] = [];
  let sum = 0;
  let filled = 0;
  return {
    update(chunk: Uint8Array): void {
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.subarray(at, at + checksumBlockBytes - filled);
        sum = crc32(piece, sum);
        filled += piece.length;
        at += piece.length;
        if (filled < checksumBlockBytes) continue;
        sums.push(sum);
        sum = 0;
        filled = 0;
      }
    },
    end(): string {
      const bytes = Buffer.alloc((sums.length + Math.sign(filled)) * checksumBytes);
      for (const [at, value] of [...sums, ...(filled > 0 ? [sum] : [])].entries())
        bytes.writeUInt32BE(value, at * checksumBytes);
      return bytes.toString("base64");
    },
  };
}

/** A file of bytes, and what they should be. */
export type Checked = { readonly file: FileHandle; readonly size: number; readonly checksums: string };

/**
 * Bytes `start` to `end` (inclusive), after the blocks that hold them were found to be what was stored.
 * @throws DamageError
 */
export async function readChecked({ file, size, checksums }: Checked, start: number, end: number) {
  const first = Math.floor(start / checksumBlockBytes);
  const from = first * checksumBlockBytes;
  const until = Math.min(size, (Math.floor(end / checksumBlockBytes) + 1) * checksumBlockBytes);
  const bytes = Buffer.allocUnsafe(Math.max(0, until - from));
  await readFully(file, bytes, from);
  const sums = Buffer.from(checksums, "base64");
  for (let at = 0, block = first; at < bytes.length; at += checksumBlockBytes, block++) {
    const stored = sums.length >= (block + 1) * checksumBytes && sums.readUInt32BE(block * checksumBytes);
    if (crc32(bytes.subarray(at, at + checksumBlockBytes)) !== stored)
      throw new DamageError(`bytes ${from + at} and on differ from those that were stored`);
  }
  return bytes.subarray(start - from, end + 1 - from);
}

async function readFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let read = 0; read < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, read, bytes.length - read, position + read);
    if (bytesRead === 0) throw new DamageError("the file is shorter than the object");
    read += bytesRead;
  }
}
