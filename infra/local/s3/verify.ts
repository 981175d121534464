import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { forEachBounded } from "../bounded.ts";
import { ignoreMissing } from "../ignore-missing.ts";
import { DamageError, readChecked } from "./checksums.ts";
import { digestFile } from "./etags.ts";
import { isPointerName, PointerError, readPointer, type StoredObject } from "./pointers.ts";

type ObjectFaultKind =
  /** Empty, cut off or changed: the object cannot be found. */
  | "pointer-damaged"
  /** The pointer is whole, its file of bytes is not there. */
  | "bytes-missing"
  /** The file of bytes has another size, or other contents, than were stored. */
  | "bytes-damaged"
  /** Bytes that no pointer names. */
  | "orphan"
  /** What was being received when a process ended. */
  | "leftover";

export type ObjectFault = {
  readonly kind: ObjectFaultKind;
  /** The file that it is about. */
  readonly path: string;
  /** Absent where the pointer that names it cannot be read. */
  readonly object?: { readonly bucket: string; readonly key: string };
  /** One line that says what is wrong. */
  readonly detail: string;
  /** What was done about it; absent where nothing was, or could be. */
  readonly mended?: string;
};

export type ObjectsReport = {
  /** Objects whose pointer and bytes are whole. */
  readonly whole: number;
  readonly bytes: number;
  readonly faults: readonly ObjectFault[];
};

export type VerifyOptions = {
  /** Told of each object that was read. */
  readonly onObject?: () => void;
  readonly signal?: AbortSignal;
};

/** What `inspectObjects` found, for `repairObjects` to go on from. */
export type Inspection = ObjectsReport & {
  readonly damagedPointers: readonly {
    readonly bucket: string;
    readonly path: string;
  }[];
  /** The paths of all pointers, damaged or not. */
  readonly pointers: ReadonlySet<string>;
  readonly orphans: readonly string[];
  readonly leftovers: readonly string[];
};

/** Objects read at once; reading is bound by the disk and the CRC. */
const objectsAtOnce = 4;

/**
 * Reads every object of an embedded S3's folder that no engine uses: each pointer, and all bytes against their
 * checksums, or of objects of before against their entity tag. Changes nothing.
 * @param dataDir the engine's own folder, `s3` below `DATA_DIR`; where there is none, nothing is wrong
 */
export async function verifyObjects(dataDir: string, options: VerifyOptions = {}): Promise<ObjectsReport> {
  const { whole, bytes, faults } = await inspectObjects(dataDir, options);
  return { whole, bytes, faults };
}

export async function inspectObjects(dataDir: string, options: VerifyOptions = {}): Promise<Inspection> {
  const faults: ObjectFault[] = [];
  const damagedPointers: { bucket: string; path: string }[] = [];
  const pointers = new Set<string>();
  const named = new Set<string>();
  let whole = 0;
  let bytes = 0;

  async function inspect(bucket: string, name: string): Promise<void> {
    options.signal?.throwIfAborted();
    const path = join(dataDir, "buckets", bucket, name);
    const pointer = await readPointer(path).catch((error: unknown) => {
      if (error instanceof PointerError) return error;
      throw error;
    });
    if (!pointer) return;
    pointers.add(path);
    if (pointer instanceof PointerError) {
      damagedPointers.push({ bucket, path });
      faults.push({ kind: "pointer-damaged", path, detail: pointer.message });
      return;
    }
    named.add(pointer.file);
    const fault = await inspectBytes(join(dataDir, "data", pointer.file), pointer);
    if (fault) faults.push({ ...fault, object: { bucket, key: pointer.key } });
    else whole += 1;
    bytes += pointer.size;
    options.onObject?.();
  }

  for (const bucket of await namesIn(join(dataDir, "buckets"))) {
    const names = (await namesIn(join(dataDir, "buckets", bucket))).filter(isPointerName);
    await forEachBounded(names, objectsAtOnce, (name) => inspect(bucket, name));
  }
  const orphans = (await namesIn(join(dataDir, "data"))).filter((file) => !named.has(file));
  const leftovers = await namesIn(join(dataDir, "incoming"));
  for (const file of orphans)
    faults.push({
      kind: "orphan",
      path: join(dataDir, "data", file),
      detail: "No pointer names these bytes",
    });
  for (const name of leftovers)
    faults.push({
      kind: "leftover",
      path: join(dataDir, "incoming", name),
      detail: "It was being received when a process ended; the next start removes it",
    });
  return { whole, bytes, faults, damagedPointers, pointers, orphans, leftovers };
}

async function inspectBytes(path: string, object: StoredObject): Promise<ObjectFault | undefined> {
  const found = await stat(path).catch(ignoreMissing);
  if (!found) return { kind: "bytes-missing", path, detail: `The bytes of ${object.key} are missing` };
  if (found.size !== object.size)
    return {
      kind: "bytes-damaged",
      path,
      detail: `${object.key} has ${found.size} bytes instead of ${object.size}`,
    };
  const reason = await damageOf(path, object);
  return reason === undefined
    ? undefined
    : { kind: "bytes-damaged", path, detail: `${object.key}: ${reason}` };
}

/** @returns what is wrong with the bytes */
async function damageOf(path: string, { size, etag, checksums }: StoredObject): Promise<string | undefined> {
  if (checksums === undefined) {
    const { hasEtag } = await digestFile(path, etag);
    return hasEtag === false ? "its bytes are not those of its entity tag" : undefined;
  }
  const file = await open(path);
  try {
    for (let at = 0; at < size; at += readBytes)
      await readChecked({ file, size, checksums }, at, Math.min(size, at + readBytes) - 1);
    return undefined;
  } catch (error) {
    if (error instanceof DamageError) return error.message;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined) return `it cannot be read (${code})`;
    throw error;
  } finally {
    await file.close();
  }
}

/** A multiple of the blocks that have checksums. */
const readBytes = 4 * 1024 * 1024;

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(ignoreMissing)) ?? [];
