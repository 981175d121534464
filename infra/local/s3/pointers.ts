import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { crc32 } from "node:zlib";

/** What is kept of an object beside its bytes. */
export type StoredObject = {
  readonly key: string;
  /** The file of its bytes, below `data`. Each write has a file of its own. */
  readonly file: string;
  readonly size: number;
  /** With its quotes, as HTTP has it. */
  readonly etag: string;
  /** ISO 8601, UTC. */
  readonly lastModified: string;
  /** Answered with the object: Content-Type, Cache-Control, x-amz-meta-… */
  readonly headers: Readonly<Record<string, string>>;
  /** CRC-32 of each block (see `checksums.ts`); objects of before have none until they are read. */
  readonly checksums?: string;
};

/** A pointer cannot be used: empty, cut off, or other bytes than were written. Its object alone is lost. */
export class PointerError extends Error {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`The pointer ${path} ${reason}`);
    this.path = path;
  }
}

/** A key may be longer than a file's name, and may hold what no name can. */
export const pointerName = (key: string): string => createHash("sha256").update(key).digest("hex");

export const isPointerName = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);

/** JSON, and in a line of its own the CRC-32 of it; pointers of before have the JSON alone. */
export function encodePointer(object: StoredObject): string {
  const json = JSON.stringify(object);
  return `${json}\n${checksumOf(json)}\n`;
}

const checksumOf = (json: string): string => crc32(json).toString(16).padStart(8, "0");

/** @returns undefined where there is none. @throws PointerError */
export async function readPointer(path: string): Promise<StoredObject | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  return text === undefined ? undefined : decodePointer(path, text);
}

function decodePointer(path: string, text: string): StoredObject {
  if (text === "") throw new PointerError(path, "is empty");
  const [json = "", checksum] = text.split("\n");
  if (checksum !== undefined && checksum !== checksumOf(json))
    throw new PointerError(path, "has another checksum than its contents");
  const object = parse(json);
  if (!isStoredObject(object)) throw new PointerError(path, "is no description of an object");
  if (pointerName(object.key) !== basename(path)) throw new PointerError(path, "is of another key");
  return object;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isStoredObject(value: unknown): value is StoredObject {
  if (typeof value !== "object" || value === null) return false;
  const { key, file, size, etag, lastModified, headers, checksums } = value as Partial<StoredObject>;
  return (
    [key, file, etag, lastModified].every((field) => typeof field === "string") &&
    /^[0-9a-f-]{36}$/.test(String(file)) &&
    Number.isSafeInteger(size) &&
    !Number.isNaN(Date.parse(String(lastModified))) &&
    typeof headers === "object" &&
    headers !== null &&
    (checksums === undefined || typeof checksums === "string")
  );
}
