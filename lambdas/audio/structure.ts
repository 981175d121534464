import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { damaged, type FileBytes, textAt } from "./mp4-boxes.ts";
import { checkMp4 } from "./mp4-structure.ts";

/** How an MP4 file may begin. */
const mp4Names = new Set(["ftyp", "styp", "moov", "moof", "mdat", "wide", "free", "skip"]);

/**
 * Checks what a file announces against the bytes that it has, before a parser believes it. Only MP4 has counts that
 * stand for more than they take; the parsers of the other containers go by the bytes themselves.
 * @throws Damage
 */
export function checkStructure(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    const file = fileBytes(descriptor);
    if (file.sizeBytes >= 8 && mp4Names.has(textAt(file.view(0, 8), 4))) checkMp4(file);
  } finally {
    closeSync(descriptor);
  }
}

function fileBytes(descriptor: number): FileBytes {
  const sizeBytes = fstatSync(descriptor).size;
  return {
    sizeBytes,
    view(offset, length) {
      if (offset + length > sizeBytes) throw damaged("it ends within one of its tables");
      const bytes = new Uint8Array(length);
      readSync(descriptor, bytes, 0, length, offset);
      return new DataView(bytes.buffer);
    },
  };
}
