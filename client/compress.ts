import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliDecompress, gunzip } from "node:zlib";
import { type ContentCoding, encode } from "../core/domain/shared/content-coding.ts";

/** The best takes 0.6 s for the script and saves 7 %; for its source map, which few ask for, 4.6 s. */
const brotliQuality = (path: string): number => (path.endsWith(".map") ? 5 : 11);
const gzipLevel = 9;

type Coding = {
  readonly name: ContentCoding;
  readonly extension: string;
  readonly expand: (content: Buffer) => Promise<Buffer>;
};

const codings: readonly Coding[] = [
  { name: "br", extension: ".br", expand: promisify(brotliDecompress) },
  { name: "gzip", extension: ".gz", expand: promisify(gunzip) },
];

/**
 * Writes each file compressed beside it, as `NAME.br` and `NAME.gz`. What an earlier build wrote there stays where it
 * holds the same: to see that takes a hundredth of the time.
 * @param paths of text files
 */
export async function compressFiles(paths: readonly string[]): Promise<void> {
  await Promise.all(
    paths.map(async (path) => {
      const content = await readFile(path);
      await Promise.all(codings.map((coding) => compressFile(path, content, coding)));
    }),
  );
}

async function compressFile(path: string, content: Buffer, { name, extension, expand }: Coding) {
  const target = `${path}${extension}`;
  // A file that a power cut left half written expands to nothing.
  const kept = await readFile(target)
    .then(expand)
    .catch(() => undefined);
  if (kept?.equals(content)) return;
  await writeFile(target, await encode(name, content, brotliQuality(path), gzipLevel));
}
