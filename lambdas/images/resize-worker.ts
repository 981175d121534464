import { parentPort } from "node:worker_threads";
import type Vips from "wasm-vips";
import start from "wasm-vips";
import type { Bytes } from "../../core/domain/uploads/ports.ts";

/**
 * Resizes pictures in a thread of its own, with libvips in WebAssembly: whatever a picture does to its decoder stays in
 * here, and may be ended from outside. wasm-vips also leaves globals behind by which other libraries take Node.js for a
 * browser.
 */
export type ResizeTask = { readonly picture: Uint8Array; readonly pixels: readonly number[] };
/** Undefined: it is no picture, or too large a one. */
export type Resized = readonly Bytes[] | undefined;

/** 50 megapixels: beyond what any cover is scanned at, and still decoded within a second or two. */
const maxPixels = 50_000_000;
const quality = 82;
/** What shows through a picture that has holes. */
const white = [255, 255, 255];

const vips = await start({
  // None of its decoders of HEIF, JPEG XL and SVG.
  dynamicLibraries: [],
  // It need not warn of pictures that are refused anyway.
  preRun: ({ ENV }) => {
    ENV.VIPS_WARNING = "0";
  },
});

parentPort?.on("message", (task: ResizeTask) => parentPort?.postMessage(tryToResize(vips, task)));

function tryToResize({ Image }: typeof Vips, task: ResizeTask): Resized {
  try {
    using header = Image.newFromBuffer(task.picture);
    // By what the header says, before anything is decoded.
    return header.width * header.height <= maxPixels ? resize(vips, task) : undefined;
  } catch {
    return undefined;
  }
}

function resize({ Image }: typeof Vips, { picture, pixels }: ResizeTask): Bytes[] {
  const largest = Math.max(...pixels);
  // Decoded once; each size is made of the largest.
  using decoded = Image.thumbnailBuffer(picture, largest, { height: largest, size: "down" });
  using upright = decoded.copyMemory();
  return pixels.map((most) => {
    using small = upright.thumbnailImage(most, { height: most, size: "down" });
    const bytes = small.jpegsaveBuffer({
      Q: quality,
      optimize_coding: true,
      keep: "none",
      background: white,
    });
    return { bytes, contentType: "image/jpeg" };
  });
}
