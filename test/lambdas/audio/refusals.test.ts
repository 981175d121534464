import { expect, it } from "vitest";
import { inspectBytes } from "../../support/inspect-bytes.ts";
import { sampleAudio } from "../../support/sample-audio.ts";
import { id3v2 } from "../../support/tag-bytes.ts";

const m4a = (await sampleAudio({ format: "m4a" })).toString("latin1");

it.each([
  ["ac-3", "AC-3"],
  ["ec-3", "E-AC-3 (Dolby Digital Plus)"],
  ["alac", "ALAC (Apple Lossless)"],
  ["dtsc", "DTS"],
  ["samr", "AMR"],
  ["abcd", "abcd in MP4"],
])("An MP4 file of %s is refused by its codec's name", async (entry, codec) => {
  const file = Buffer.from(m4a.replace("mp4a", entry), "latin1");
  await expect(inspectBytes(file)).rejects.toThrow(`Not all browsers play ${codec}: convert`);
});

it("MPEG audio of layer I and II is refused by its name, in a file of its own and in MP4", async () => {
  // 32 kbit/s at 44.1 kHz: 104 bytes a frame.
  const frame = Buffer.alloc(104);
  frame.writeUInt32BE(0xfffd1000);
  await expect(inspectBytes(Buffer.concat(Array(20).fill(frame)))).rejects.toThrow("MPEG audio layer II:");
  const layer1 = Buffer.alloc(32);
  layer1.writeUInt32BE(0xffff1000);
  await expect(inspectBytes(Buffer.concat(Array(20).fill(layer1)))).rejects.toThrow("MPEG audio layer I:");
  const frames = m4a.replaceAll("\xff\xfb", "\xff\xfd");
  await expect(inspectBytes(Buffer.from(frames, "latin1"))).rejects.toThrow("MPEG audio layer II:");
});

it.each([
  ["FORM\0\0\0\0AIFF", "an AIFF file"],
  ["MAC \x96\x0f", "Monkey's Audio (APE)"],
  ["\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media Audio (WMA)"],
  ["wvpk", "a WavPack file"],
  ["\x0b\x77", "AC-3"],
  ["\0\0\0\x14ftypqt  ", "a QuickTime file"],
  ["riff\x2e\x91\xcf\x11", "a Wave64 file"],
  ["\xff\xf1\x50\x80", "AAC without a container (ADTS)"],
  ["ID3\x04\0\0\0\0\0\0\xff\xf1\x50\x80", "AAC without a container (ADTS)"],
  ["ID3\x04\0\0\0\0\0\0\x0b\x77", "AC-3"],
])("What begins with %j is refused as what it is", async (start, name) => {
  const file = Buffer.concat([Buffer.from(start, "latin1"), Buffer.alloc(4_000)]);
  await expect(inspectBytes(file)).rejects.toThrow(`This is ${name}: Encore takes MP3`);
});

it("An MP3 of free format is refused by that name, with and without a tag", async () => {
  const frame = Buffer.alloc(400);
  frame.writeUInt32BE(0xfffb0000);
  const audio = Buffer.concat(Array(20).fill(frame));
  for (const file of [audio, Buffer.concat([id3v2({ frames: [] }), audio])])
    await expect(inspectBytes(file)).rejects.toThrow("Not all browsers play MP3 of free format: convert");
});

it.each(["ogg", "wav"] as const)(
  "An ID3 tag before a file of %s is told, not that it is none",
  async (format) => {
    const file = Buffer.concat([id3v2({ frames: [] }), await sampleAudio({ format })]);
    await expect(inspectBytes(file)).rejects.toThrow("begins with an ID3 tag: remove the tag");
  },
);
