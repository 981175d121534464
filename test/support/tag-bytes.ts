/** Tags as programs write them, byte by byte. */

export const u32le = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
export const u32be = (value: number): Buffer => u32le(value).reverse();
export const sevenBits = (value: number): Buffer =>
  Buffer.from([21, 14, 7, 0].map((shift) => (value >>> shift) & 0x7f));

/** An ID3v1 tag: 128 bytes at the end of a file. */
export function id3v1(title: string, encoding: "latin1" | "utf8" = "latin1"): Buffer {
  const tag = Buffer.alloc(128);
  tag.write("TAG");
  Buffer.from(title, encoding).copy(tag, 3, 0, 30);
  return tag;
}

/** APEv2 with header and footer; APEv1 has no header. */
export function ape(title: string, { header = true, artist = "" } = {}): Buffer {
  const items = [["Title", title] as const, ...(artist ? [["Artist", artist] as const] : [])];
  const item = Buffer.concat(items.flatMap(([key, text]) => apeItem(key, Buffer.from(text))));
  const part = (flags: number) =>
    Buffer.concat([
      Buffer.from("APETAGEX"),
      ...[u32le(header ? 2_000 : 1_000), u32le(item.length + 32), u32le(items.length), u32le(flags >>> 0)],
      Buffer.alloc(8),
    ]);
  return header ? Buffer.concat([part(0xa0000000), item, part(0x80000000)]) : Buffer.concat([item, part(0)]);
}

const apeItem = (key: string, value: Buffer): Buffer[] => [
  u32le(value.length),
  ...[u32le(0), Buffer.from(`${key}\0`), value],
];

/** Lyrics3v2, which stands before an ID3v1 tag. */
export function lyrics3(text: string): Buffer {
  const size = (length: number, digits: number): string => String(length).padStart(digits, "0");
  const content = `LYRICSBEGINLYR${size(text.length, 5)}${text}`;
  return Buffer.from(`${content}${size(content.length, 6)}LYRICS200`);
}

export type Id3Tag = {
  readonly version?: 2 | 3 | 4;
  readonly flags?: number;
  readonly frames: readonly Buffer[];
  /** Behind the frames, or instead of them. */
  readonly change?: (body: Buffer) => Buffer;
  readonly footer?: boolean;
};

export function id3v2({ version = 3, flags = 0, frames, change = (body) => body, footer }: Id3Tag): Buffer {
  const body = change(Buffer.concat(frames));
  const header = (name: string) =>
    Buffer.concat([
      Buffer.from(name),
      Buffer.from([version, 0, flags | (footer ? 0x10 : 0)]),
      sevenBits(body.length),
    ]);
  return Buffer.concat([header("ID3"), body, ...(footer ? [header("3DI")] : [])]);
}

/** A frame of version 3 or 4, its size as given (the whole of `data`, in 8 bits a byte, where it is not). */
export const id3Frame = (id: string, data: Buffer, { size = u32be(data.length), format = 0 } = {}): Buffer =>
  Buffer.concat([Buffer.from(id), size, Buffer.from([0, format]), data]);

/** The data of a text frame in Latin-1. */
export const latin1 = (text: string): Buffer => Buffer.concat([Buffer.of(0), Buffer.from(text, "latin1")]);
