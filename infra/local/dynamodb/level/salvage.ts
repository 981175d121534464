import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { listDataFiles } from "./files.ts";
import { readLog } from "./log-file.ts";
import { readVarint, slice } from "./snappy.ts";
import { type BlockEntry, salvageTable } from "./table-file.ts";

/** One write of a key; an absent value is a removal. The one of the highest sequence counts. */
export type SalvagedWrite = {
  readonly key: string;
  readonly sequence: number;
  readonly stored: string | undefined;
};

/**
 * Every write that the files of a LevelDB folder still hold, in no order, without LevelDB: what it does with a damaged
 * file is to trust it, or to drop all of it.
 * @param onLoss told of each file of which a part, or all, cannot be read
 */
export async function* salvage(
  folder: string,
  onLoss: (file: string) => void,
): AsyncGenerator<SalvagedWrite> {
  for (const name of await listDataFiles(folder, onLoss)) {
    const path = join(folder, name);
    const file = await readFile(path).catch(() => undefined);
    if (!file) onLoss(path);
    else if (name.endsWith(".log")) yield* salvageLog(file, () => onLoss(path));
    else yield* salvageRows(file, () => onLoss(path));
  }
}

function* salvageRows(file: Uint8Array, onLoss: () => void): Generator<SalvagedWrite> {
  const { entries, lostBytes } = salvageTable(file);
  if (lostBytes > 0) onLoss();
  for (const entry of entries) {
    const write = fromInternalKey(entry);
    if (write) yield write;
  }
}

/** A table's keys end in 8 bytes: 7 of the sequence, one that is 1 for a value and 0 for a removal. */
function fromInternalKey({ key, value }: BlockEntry): SalvagedWrite | undefined {
  const at = key.length - 8;
  const type = at < 0 ? undefined : key[at];
  if (type !== 0 && type !== 1) return undefined;
  const sequence = Number(key.readBigUInt64LE(at) >> 8n);
  return { key: key.toString("utf8", 0, at), sequence, stored: type === 1 ? text(value) : undefined };
}

function* salvageLog(file: Uint8Array, onLoss: () => void): Generator<SalvagedWrite> {
  const { records, damage } = readLog(file);
  if (damage?.isLoss) onLoss();
  for (const record of records) {
    try {
      yield* readBatch(record);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      onLoss();
    }
  }
}

/** A log's records are batches: the sequence of their first write, their count, the writes (db/write_batch.cc). */
function readBatch(record: Uint8Array): SalvagedWrite[] {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const first = Number(view.getBigUint64(0, true));
  const writes: SalvagedWrite[] = [];
  let at = 12;
  const field = (): string => {
    const length = readVarint(record, at);
    at = length.next + length.value;
    return text(slice(record, length.next, length.value));
  };
  while (at < record.length) {
    const type = record[at++];
    if (type !== 0 && type !== 1) throw new RangeError("A batch has a write of an unknown kind");
    writes.push({
      sequence: first + writes.length,
      key: field(),
      stored: type === 1 ? field() : undefined,
    });
  }
  return writes;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
