import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { discard, groupFolderSyncs, nodeDisk, writeFileSynced } from "../disk.ts";
import { digestFile } from "./etags.ts";
import { encodePointer, pointerName } from "./pointers.ts";
import { inspectObjects, type ObjectFault, type ObjectsReport, type VerifyOptions } from "./verify.ts";

/** An object that should be there, as the tables have it. */
type ExpectedObject = {
  readonly bucket: string;
  readonly key: string;
  /** With its quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly contentType: string;
};

export type RepairOptions = VerifyOptions & {
  /** The objects of all songs: a lost pointer is made anew where bytes without a pointer are one of them. */
  readonly expected?: Iterable<ExpectedObject>;
};

/**
 * Mends what can be mended in an embedded S3's folder that no engine uses:
 * - a pointer that is damaged or missing is written anew where its key is expected and its bytes are found among the
 *   orphans; else a damaged one is moved to `damaged`, so that its key is free again;
 * - leftovers are removed; orphans are removed unless they may be the bytes of a pointer that was lost.
 *
 * Bytes that are missing or damaged cannot be mended here: reads of them are refused until they are stored again.
 */
export async function repairObjects(dataDir: string, options: RepairOptions = {}): Promise<ObjectsReport> {
  const inspection = await inspectObjects(dataDir, options);
  const { faults, damagedPointers, pointers, orphans, leftovers, ...counts } = inspection;
  const disk = groupFolderSyncs(nodeDisk);
  const mended = new Map<string, string>();
  const free = await statsOf(dataDir, orphans);
  const pathOf = ({ bucket, key }: ExpectedObject) => join(dataDir, "buckets", bucket, pointerName(key));
  const expected = new Map(Array.from(options.expected ?? [], (object) => [pathOf(object), object]));
  let unresolved = 0;

  for (const { bucket, path } of damagedPointers) {
    const wanted = expected.get(path);
    if (wanted && (await nameAgain(path, wanted))) mended.set(path, `written anew: it is ${wanted.key}`);
    else {
      await moveAside(path);
      unresolved += 1;
      mended.set(
        path,
        `moved to ${join(dataDir, "damaged")}; ${wanted?.key ?? "its object"} must be stored again`,
      );
    }
    await disk.syncFolder(join(dataDir, "buckets", bucket));
  }
  for (const [path, wanted] of free.size > 0 ? expected : [])
    if (!pointers.has(path) && !(await nameAgain(path, wanted))) unresolved += 1;
  for (const name of leftovers) {
    await discard(disk, join(dataDir, "incoming", name));
    mended.set(join(dataDir, "incoming", name), "removed");
  }
  if (unresolved === 0)
    for (const name of free.keys()) {
      await discard(disk, join(dataDir, "data", name));
      mended.set(join(dataDir, "data", name), "removed");
    }
  return { ...counts, faults: faults.map((fault) => withMending(fault, mended)) };

  /** @returns whether the bytes of the object were among the orphans */
  async function nameAgain(path: string, wanted: ExpectedObject): Promise<boolean> {
    const file = await findBytes(dataDir, free, wanted);
    if (!file) return false;
    await writePointer(path, wanted, file);
    free.delete(file.name);
    mended.set(join(dataDir, "data", file.name), `it is ${wanted.key}`);
    return true;
  }

  async function writePointer(path: string, wanted: ExpectedObject, file: FoundBytes): Promise<void> {
    const { key, etag, sizeBytes: size, contentType } = wanted;
    const { name, checksums, lastModified } = file;
    const headers = { "content-type": contentType };
    const aside = join(dataDir, "incoming", basename(path));
    for (const folder of [dirname(aside), dirname(path)]) await disk.makeFolder(folder);
    const pointer = encodePointer({ key, file: name, size, etag, lastModified, headers, checksums });
    await disk.remove(aside);
    await writeFileSynced(disk, aside, pointer);
    await disk.rename(aside, path);
    await disk.syncFolder(dirname(path));
  }

  async function moveAside(path: string): Promise<void> {
    await disk.makeFolder(join(dataDir, "damaged"));
    await disk.rename(path, join(dataDir, "damaged", basename(path)));
    await disk.syncFolder(join(dataDir, "damaged"));
  }
}

type FoundBytes = { readonly name: string; readonly checksums: string; readonly lastModified: string };

async function statsOf(dataDir: string, names: Iterable<string>): Promise<Map<string, Stats>> {
  const stats = new Map<string, Stats>();
  for (const name of names) stats.set(name, await stat(join(dataDir, "data", name)));
  return stats;
}

/** Bytes without a pointer that have the size and the entity tag. */
async function findBytes(
  dataDir: string,
  orphans: ReadonlyMap<string, Stats>,
  { sizeBytes, etag }: ExpectedObject,
): Promise<FoundBytes | undefined> {
  for (const [name, { size, mtime }] of orphans) {
    if (size !== sizeBytes) continue;
    const { hasEtag, checksums } = await digestFile(join(dataDir, "data", name), etag);
    if (hasEtag) return { name, checksums, lastModified: mtime.toISOString() };
  }
  return undefined;
}

function withMending(fault: ObjectFault, mended: ReadonlyMap<string, string>): ObjectFault {
  const done = mended.get(fault.path);
  return done === undefined ? fault : { ...fault, mended: done };
}
