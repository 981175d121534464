/**
 * An ID3v2 tag of version 2.3 or 2.4 with text frames in UTF-16 or UTF-8, by id (`TXXX:` with its description), before
 * nothing: for what looks at tags alone.
 */
export function id3(version: 3 | 4, frames: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.concat(Object.entries(frames).map(([id, text]) => frameOf(version, id, text)));
  return Buffer.concat([Buffer.from([0x49, 0x44, 0x33, version, 0, 0]), sevenBits(body.length), body]);
}

function frameOf(version: 3 | 4, name: string, value: string): Buffer {
  const [id = "", description] = name.split(":");
  const data = textOf(version, description === undefined ? [value] : [description, value]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  return Buffer.concat([
    Buffer.from(id),
    version === 4 ? sevenBits(data.length) : size,
    Buffer.alloc(2),
    data,
  ]);
}

/** In version 3 each text of a frame begins with a byte order mark (§3.3). */
function textOf(version: 3 | 4, texts: readonly string[]): Buffer {
  if (version === 4) return Buffer.concat([Buffer.from([3]), Buffer.from(texts.join("\0"))]);
  const encoded = texts.map((text) => Buffer.from(`\ufeff${text}`, "utf16le"));
  const parts = encoded.flatMap((text, at) => (at === 0 ? [text] : [Buffer.alloc(2), text]));
  return Buffer.concat([Buffer.from([1]), ...parts]);
}

const sevenBits = (value: number): Buffer =>
  Buffer.from([21, 14, 7, 0].map((shift) => (value >>> shift) & 0x7f));
