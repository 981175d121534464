import { Source } from "mediabunny";
import type { FileReader } from "./file-reader.ts";

type Window = { readonly bytes: Uint8Array; readonly view: DataView; readonly offset: number };

/**
 * A range of a file as mediabunny reads it. `_read`, `_getFileSize` and `_dispose` are what mediabunny's sources are
 * made of (its `BufferSource` is the model); the package's types leave them out.
 */
export class WindowSource extends Source {
  readonly #file: FileReader;
  readonly #start: number;
  readonly #end: number;

  constructor(file: FileReader, start = 0, end = file.sizeBytes) {
    super();
    this.#file = file;
    this.#start = start;
    this.#end = end;
  }

  _getFileSize(): number {
    return this.#end - this.#start;
  }

  /** @throws Damage where more is asked for than any song needs at once */
  _read(start: number, end: number): Window {
    const { bytes, offset } = this.#file.window(this.#start + start, this.#start + end);
    // Views are cheap; what a window holds before the range has a place below zero, and is cut.
    const from = Math.max(0, this.#start - offset);
    const view = bytes.subarray(from, this.#end - offset);
    return {
      bytes: view,
      view: new DataView(view.buffer, view.byteOffset, view.byteLength),
      offset: offset + from - this.#start,
    };
  }

  /** The file is closed by who opened it. */
  _dispose(): void {}
}
