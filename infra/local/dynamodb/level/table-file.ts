import { crc32c, unmask } from "./crc32c.ts";
import { readVarint, slice, unsnappy } from "./snappy.ts";

/** The parts of a table file (`*.ldb`; doc/table_format.md of google/leveldb). */
const footerBytes = 48;
const trailerBytes = 5;
const magic = "57fb808b247547db";

type Handle = { readonly offset: number; readonly size: number };
export type BlockEntry = { readonly key: Buffer; readonly value: Uint8Array };

/**
 * Verifies the checksum of every block of a table file. LevelDB itself does so only when it is asked, and its binding
 * cannot ask.
 * @returns what is wrong, undefined when nothing is
 */
export function findTableFault(file: Uint8Array): string | undefined {
  try {
    const { data, others } = readBlockHandles(file);
    const blocks = [...data, ...others];
    for (const block of blocks) verifyBlock(file, block);
    const covered = blocks.reduce((sum, { size }) => sum + size + trailerBytes, footerBytes);
    return covered === file.length ? undefined : "some blocks are not in the index";
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** The rows of every block that can be read, and how many bytes cannot. */
export function salvageTable(file: Uint8Array): {
  readonly entries: BlockEntry[];
  readonly lostBytes: number;
} {
  const entries: BlockEntry[] = [];
  let lostBytes = 0;
  for (const block of findDataBlocks(file)) {
    try {
      entries.push(...readEntries(readBlock(file, block)));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      lostBytes += block.size;
    }
  }
  return { entries, lostBytes };
}

/** From the index; where that is damaged, block after block. */
function findDataBlocks(file: Uint8Array): readonly Handle[] {
  try {
    return readBlockHandles(file).data;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return walkBlocks(file);
  }
}

/** Blocks follow each other: one ends where the checksum of what has been read since its beginning is stored. */
function walkBlocks(file: Uint8Array): Handle[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const blocks: Handle[] = [];
  let offset = 0;
  let crc = 0;
  for (let at = 0; at + 4 < file.length; at++) {
    crc = crc32c(file.subarray(at, at + 1), crc);
    if (unmask(view.getUint32(at + 1, true)) !== crc) continue;
    blocks.push({ offset, size: at - offset });
    at += 4;
    offset = at + 1;
    crc = 0;
  }
  // What is left is one damaged block, and all that follow it.
  if (offset + footerBytes < file.length) blocks.push({ offset, size: file.length - footerBytes - offset });
  return blocks;
}

/** @throws RangeError for a damaged index */
function readBlockHandles(file: Uint8Array): { readonly data: Handle[]; readonly others: Handle[] } {
  const footer = slice(file, file.length - footerBytes, footerBytes);
  if (Buffer.from(footer.subarray(-8)).toString("hex") !== magic)
    throw new RangeError("the end is not a table's");
  const meta = readHandle(footer, 0);
  const index = readHandle(footer, meta.next).handle;
  const handlesIn = (block: Handle) =>
    readEntries(readBlock(file, block)).map(({ value }) => readHandle(value, 0).handle);
  return { data: handlesIn(index), others: [meta.handle, index, ...handlesIn(meta.handle)] };
}

function readHandle(bytes: Uint8Array, at: number): { readonly handle: Handle; readonly next: number } {
  const offset = readVarint(bytes, at);
  const size = readVarint(bytes, offset.next);
  return { handle: { offset: offset.value, size: size.value }, next: size.next };
}

/** Block, then a byte of its compression, then the checksum of both. */
function verifyBlock(file: Uint8Array, { offset, size }: Handle): void {
  const block = slice(file, offset, size + trailerBytes);
  const stored = new DataView(block.buffer, block.byteOffset + size + 1, 4).getUint32(0, true);
  if (crc32c(block.subarray(0, size + 1)) !== unmask(stored))
    throw new RangeError(`the block at byte ${offset} does not match its checksum`);
}

function readBlock(file: Uint8Array, handle: Handle): Uint8Array {
  verifyBlock(file, handle);
  const block = slice(file, handle.offset, handle.size);
  return file[handle.offset + handle.size] === 1 ? unsnappy(block) : block;
}

/** A block's entries, whose keys share a part with the key before; then the places where none is shared. */
function readEntries(block: Uint8Array): BlockEntry[] {
  const entries: BlockEntry[] = [];
  const restarts = new DataView(block.buffer, block.byteOffset, block.length).getUint32(
    block.length - 4,
    true,
  );
  const end = block.length - 4 - 4 * restarts;
  let key = Buffer.alloc(0);
  for (let at = 0; at < end; ) {
    const shared = readVarint(block, at);
    const unshared = readVarint(block, shared.next);
    const length = readVarint(block, unshared.next);
    key = Buffer.concat([slice(key, 0, shared.value), slice(block, length.next, unshared.value)]);
    const value = length.next + unshared.value;
    entries.push({ key, value: slice(block, value, length.value) });
    at = value + length.value;
  }
  return entries;
}
