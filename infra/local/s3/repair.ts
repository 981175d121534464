import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { discard, groupFolderSyncs, nodeDisk, writeFileSynced } from "../disk.ts";
import { digestFile } from "./etags.ts";
import { encodePointer, pointerName } from "./pointers.ts";
import { inspectObjects, type ObjectFault, type ObjectsReport, type VerifyOptions } from "./verify.ts";

/** An object that should be there, as the tables have it. */
export type ExpectedObject = {
  readonly key: string;
  /** With its quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly contentType: string;
};

export type RepairOptions = VerifyOptions & {
  /** The objects of all songs: a damaged pointer is made anew where bytes without a pointer are one of them. */
  readonly expected?: Iterable<ExpectedObject>;
};

/**
 * Mends what can be mended in an embedded S3's folder that no engine uses:
 * - a damaged pointer is written anew where its key is expected and its bytes are found among the orphans; else it is
 *   moved to `damaged`, so that its key is free again;
 * - leftovers are removed; orphans are removed unless they may be the bytes of a pointer that is damaged.
 *
 * Bytes that are missing or damaged cannot be mended here: reads of them are refused until they are stored again.
 */
export async function repairObjects(dataDir: string, options: RepairOptions = {}): Promise<ObjectsReport> {
  const { faults, damagedPointers, orphans, leftovers, ...counts } = await inspectObjects(dataDir, options);
  const disk = groupFolderSyncs(nodeDisk);
  const mended = new Map<string, string>();
  const free = new Set(orphans);
  const expected = indexByName(damagedPointers.length > 0 ? (options.expected ?? []) : []);
  let unresolved = 0;

  for (const { bucket, name, path } of damagedPointers) {
    const wanted = expected.get(name);
    const file = wanted && (await findBytes(dataDir, free, wanted));
    if (wanted && file) {
      await writePointer(path, wanted, file);
      free.delete(file.name);
      mended.set(path, `written anew: it is ${wanted.key}`);
      mended.set(join(dataDir, "data", file.name), `it is ${wanted.key}`);
    } else {
      await moveAside(path);
      unresolved += 1;
      mended.set(
        path,
        `moved to ${join(dataDir, "damaged")}; ${wanted?.key ?? "its object"} must be stored again`,
      );
    }
    await disk.syncFolder(join(dataDir, "buckets", bucket));
  }
  for (const name of leftovers) {
    await discard(disk, join(dataDir, "incoming", name));
    mended.set(join(dataDir, "incoming", name), "removed");
  }
  if (unresolved === 0)
    for (const name of free) {
      await discard(disk, join(dataDir, "data", name));
      mended.set(join(dataDir, "data", name), "removed");
    }
  return { ...counts, faults: faults.map((fault) => withMending(fault, mended)) };

  async function writePointer(path: string, wanted: ExpectedObject, file: FoundBytes): Promise<void> {
    const { key, etag, sizeBytes: size, contentType } = wanted;
    const { name, checksums, lastModified } = file;
    const headers = { "content-type": contentType };
    const aside = join(dataDir, "incoming", basename(path));
    await disk.makeFolder(join(dataDir, "incoming"));
    const pointer = encodePointer({ key, file: name, size, etag, lastModified, headers, checksums });
    await disk.remove(aside);
    await writeFileSynced(disk, aside, pointer);
    await disk.rename(aside, path);
  }

  async function moveAside(path: string): Promise<void> {
    await disk.makeFolder(join(dataDir, "damaged"));
    await disk.rename(path, join(dataDir, "damaged", basename(path)));
    await disk.syncFolder(join(dataDir, "damaged"));
  }
}

type FoundBytes = { readonly name: string; readonly checksums: string; readonly lastModified: string };

/** Bytes without a pointer that have the size and the entity tag. */
async function findBytes(
  dataDir: string,
  orphans: Iterable<string>,
  { sizeBytes, etag }: ExpectedObject,
): Promise<FoundBytes | undefined> {
  for (const name of orphans) {
    const path = join(dataDir, "data", name);
    const { size, mtime } = await stat(path);
    if (size !== sizeBytes) continue;
    const { hasEtag, checksums } = await digestFile(path, etag);
    if (hasEtag) return { name, checksums, lastModified: mtime.toISOString() };
  }
  return undefined;
}

const indexByName = (objects: Iterable<ExpectedObject>): ReadonlyMap<string, ExpectedObject> =>
  new Map(Array.from(objects, (object) => [pointerName(object.key), object]));

function withMending(fault: ObjectFault, mended: ReadonlyMap<string, string>): ObjectFault {
  const done = mended.get(fault.path);
  return done === undefined ? fault : { ...fault, mended: done };
}
