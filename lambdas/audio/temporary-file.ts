import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export type TemporaryFile = { readonly path: string; readonly sha256: string; readonly sizeBytes: number };

/**
 * Puts bytes into a file of its own while they are hashed, for as long as `use` runs: readers of audio files jump
 * about in them (an MP4's index may lie at the end), and a song need not fit into memory.
 */
export async function withTemporaryFile<T>(
  body: AsyncIterable<Uint8Array>,
  use: (file: TemporaryFile) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "encore-audio-"));
  try {
    return await use(await write(body, join(folder, "audio")));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(body: AsyncIterable<Uint8Array>, path: string): Promise<TemporaryFile> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const measured = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(Readable.from(body, { objectMode: false }), measured, createWriteStream(path));
  return { path, sha256: hash.digest("hex"), sizeBytes };
}
