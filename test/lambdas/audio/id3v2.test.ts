import { deflateSync } from "node:zlib";
import { expect, it } from "vitest";
import { plainId3v2 } from "../../../lambdas/audio/tags/id3v2.ts";
import { inspectBytes } from "../../support/inspect-bytes.ts";
import { sampleAudio } from "../../support/sample-audio.ts";
import { samplePicture } from "../../support/sample-picture.ts";
import { id3Frame, id3v2, latin1, sevenBits, u32be } from "../../support/tag-bytes.ts";

const audio = await sampleAudio();
const jpeg = await samplePicture({ width: 64, height: 64 });
const pictureData = Buffer.concat([Buffer.from("\0image/jpeg\0\x03\0", "latin1"), jpeg]);
/** Text with a byte order mark, which unsynchronisation changes. */
const utf16 = (text: string): Buffer =>
  Buffer.concat([Buffer.of(1, 0xff, 0xfe), Buffer.from(text, "utf16le"), Buffer.alloc(2)]);

/** Puts a zero behind each 0xff that could be taken for the beginning of a frame (ID3v2.4 structure, 6.1). */
function unsynchronise(bytes: Buffer): Buffer {
  const out: number[] = [];
  for (const [at, byte] of bytes.entries()) {
    out.push(byte);
    const next = bytes[at + 1] ?? 0;
    if (byte === 0xff && (next >= 0xe0 || next === 0)) out.push(0);
  }
  return Buffer.from(out);
}

const compressed = (data: Buffer): Buffer => Buffer.concat([u32be(data.length), deflateSync(data)]);
const compressed4 = (data: Buffer): Buffer => Buffer.concat([sevenBits(data.length), deflateSync(data)]);
const artist = id3Frame("TPE1", latin1("Artist"));
const artist4 = id3Frame("TPE1", latin1("Artist"), { size: sevenBits(7) });
const v22 = (id: string, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from(id), u32be(data.length).subarray(1), data]);
const frame4 = (id: string, data: Buffer, format: number): Buffer =>
  id3Frame(id, data, { size: sevenBits(data.length), format });

/** What old and new programs write; each says "Title" and "Artist", and has the picture. */
const tags: Readonly<Record<string, Buffer>> = {
  "2.2, unsynchronised": id3v2({
    version: 2,
    flags: 0x80,
    change: unsynchronise,
    frames: [
      ...[v22("TT2", utf16("Title")), v22("TP1", latin1("Artist"))],
      v22("PIC", Buffer.concat([Buffer.from("\0JPG\x03\0", "latin1"), jpeg])),
    ],
  }),
  "2.3, unsynchronised": id3v2({
    flags: 0x80,
    change: unsynchronise,
    frames: [id3Frame("APIC", pictureData), id3Frame("TIT2", utf16("Title")), artist],
  }),
  "2.3 with sizes of 7 bits a byte": id3v2({
    frames: [
      id3Frame("APIC", pictureData, { size: sevenBits(pictureData.length) }),
      ...[id3Frame("TIT2", latin1("Title")), artist],
    ],
  }),
  "2.3 with an extended header": id3v2({
    flags: 0x40,
    change: (body) => Buffer.concat([u32be(6), Buffer.alloc(6), body]),
    frames: [id3Frame("TIT2", latin1("Title")), artist, id3Frame("APIC", pictureData)],
  }),
  "2.3, compressed": id3v2({
    frames: [
      id3Frame("TIT2", compressed(latin1("Title")), { format: 0x80 }),
      ...[artist, id3Frame("APIC", compressed(pictureData), { format: 0x80 })],
    ],
  }),
  "2.3, compressed and in a group": id3v2({
    frames: [
      id3Frame("TIT2", Buffer.concat([u32be(6), Buffer.of(7), deflateSync(latin1("Title"))]), {
        format: 0xa0,
      }),
      ...[artist, id3Frame("APIC", pictureData)],
    ],
  }),
  "2.3, of which frames are encrypted or broken": id3v2({
    frames: [
      id3Frame("TALB", Buffer.from("secret"), { format: 0x40 }),
      id3Frame("TALB", Buffer.from("\0\0\0\x05no zlib"), { format: 0x80 }),
      id3Frame("SYLT", Buffer.of(0)),
      ...[id3Frame("TIT2", latin1("Title")), artist, id3Frame("APIC", pictureData)],
    ],
  }),
  "2.4 with sizes of 8 bits a byte": id3v2({
    version: 4,
    frames: [id3Frame("APIC", pictureData), id3Frame("TIT2", latin1("Title")), artist],
  }),
  "2.4, of which each frame is unsynchronised": id3v2({
    version: 4,
    flags: 0x80,
    frames: [
      frame4("APIC", Buffer.concat([sevenBits(pictureData.length), unsynchronise(pictureData)]), 0x03),
      ...[frame4("TIT2", unsynchronise(utf16("Title")), 0x02), artist4],
    ],
  }),
  "2.4, unsynchronised as the tag says alone": id3v2({
    version: 4,
    flags: 0x80,
    frames: [
      frame4("APIC", unsynchronise(pictureData), 0),
      frame4("TIT2", unsynchronise(utf16("Title")), 0),
      artist4,
    ],
  }),
  "2.4 that says to be unsynchronised and is not": id3v2({
    version: 4,
    flags: 0x80,
    frames: [frame4("APIC", pictureData, 0), frame4("TIT2", utf16("Title"), 0), artist4],
  }),
  "2.4, compressed": id3v2({
    version: 4,
    frames: [
      frame4("TIT2", compressed4(latin1("Title")), 0x09),
      ...[artist4, frame4("APIC", compressed4(pictureData), 0x09)],
    ],
  }),
  "2.4, in a group, with padding": id3v2({
    version: 4,
    change: (body) => Buffer.concat([body, Buffer.alloc(2_000)]),
    frames: [
      frame4("TIT2", Buffer.concat([Buffer.of(7), sevenBits(6), latin1("Title")]), 0x41),
      ...[artist4, frame4("APIC", pictureData, 0)],
    ],
  }),
};

it.each(Object.entries(tags))("A tag of ID3v%s is read", async (_name, tag) => {
  const { title, artist, cover, album } = await inspectBytes(Buffer.concat([tag, audio]));
  expect({ title, artist, album }).toEqual({ title: "Title", artist: "Artist" });
  expect(cover?.contentType).toBe("image/jpeg");
  expect(Buffer.from(cover?.bytes ?? []).equals(jpeg)).toBe(true);
});

it.each([
  ["UTF-8", Buffer.from("Jóga — 日本")],
  ["the code page of Windows", Buffer.from([..."J\xf3ga \x97 \x80"].map((sign) => sign.charCodeAt(0)))],
])("A text that says to be Latin-1 and is in %s is read", async (name, text) => {
  const frame = id3Frame("TIT2", Buffer.concat([Buffer.of(0), text]));
  const { title } = await inspectBytes(Buffer.concat([id3v2({ frames: [frame] }), audio]));
  expect(title).toBe(name === "UTF-8" ? "Jóga — 日本" : "Jóga — €");
});

it("A frame that becomes larger than any picture is left out, and takes no memory", async () => {
  const bomb = id3Frame("APIC", compressed(Buffer.alloc(48 * 2 ** 20)), { format: 0x80 });
  const found = await inspectBytes(Buffer.concat([id3v2({ frames: [bomb, artist] }), audio]));
  expect(found).toMatchObject({ artist: "Artist" });
  expect(found.cover).toBeUndefined();
});

it("Frames that become too large together are left out, each of which alone would do", () => {
  const large = compressed(Buffer.alloc(20 * 2 ** 20));
  const frames = Array(3).fill(id3Frame("APIC", large, { format: 0x80 }));
  expect(plainId3v2(id3v2({ frames })).length).toBeLessThan(32 * 2 ** 20);
});

it("Of very many frames the first are read", () => {
  const empty = id3Frame("TALB", Buffer.alloc(0));
  const few = id3v2({ frames: [artist, ...Array(4_000).fill(empty), id3Frame("TIT2", latin1("Title"))] });
  const many = id3v2({ frames: [artist, ...Array(5_000).fill(empty), id3Frame("TIT2", latin1("Title"))] });
  expect([few, many].map((tag) => plainId3v2(tag).includes("Title"))).toEqual([true, false]);
  expect(plainId3v2(many).includes("Artist")).toBe(true);
});

it("A picture larger than a size of 24 bits says is taken", async () => {
  const large = Buffer.concat([pictureData, Buffer.alloc(2 ** 24)]);
  const found = await inspectBytes(
    Buffer.concat([id3v2({ frames: [id3Frame("APIC", large), artist] }), audio]),
  );
  expect(found.artist).toBe("Artist");
  expect(found.cover?.bytes).toHaveLength(jpeg.length + 2 ** 24);
});

it("A text that becomes larger than a size of 24 bits says costs no other", async () => {
  const long = v22("TT2", latin1("\xe9".repeat(2 ** 23)));
  const tag = id3v2({ version: 2, frames: [long, v22("TP1", latin1("Artist"))] });
  expect((await inspectBytes(Buffer.concat([tag, audio]))).artist).toBe("Artist");
});
