export type RiffChunk = readonly [name: string, data: Buffer, toldBytes?: number];

/** A chunk of a RIFF file; it may tell another size than it has. */
function chunk([name, data, toldBytes = data.length]: RiffChunk): Buffer {
  const header = Buffer.alloc(8);
  header.write(name, "latin1");
  header.writeUInt32LE(toldBytes, 4);
  return Buffer.concat([header, data, Buffer.alloc(data.length & 1)]);
}

/** A RIFF file of WAVE, or one of another name; it may tell another size than it has. */
export function riff(chunks: readonly RiffChunk[], { name = "RIFF", toldBytes = -1 } = {}): Buffer {
  const body = Buffer.concat([Buffer.from("WAVE"), ...chunks.map(chunk)]);
  return chunk([name, body, toldBytes < 0 ? body.length : toldBytes]);
}

/** The chunk `fmt ` of mono at 8 kHz, 16 bits a sample. */
export function waveFormat({ tag = 1, bits = 16, blockBytes = 2 } = {}): RiffChunk {
  const data = Buffer.alloc(16);
  data.writeUInt16LE(tag);
  data.writeUInt16LE(1, 2);
  data.writeUInt32LE(8_000, 4);
  data.writeUInt32LE(8_000 * blockBytes, 8);
  data.writeUInt16LE(blockBytes, 12);
  data.writeUInt16LE(bits, 14);
  return ["fmt ", data];
}

/** Texts of INFO, as bytes. */
export const info = (texts: Readonly<Record<string, Buffer>>): RiffChunk => [
  "LIST",
  Buffer.concat([Buffer.from("INFO"), ...Object.entries(texts).map(([name, text]) => chunk([name, text]))]),
];
