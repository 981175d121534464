import { describe, expect, it } from "vitest";
import { riffTagFile } from "../../../lambdas/audio/tags/riff-tag-file.ts";
import { inspectBytes } from "../../support/inspect-bytes.ts";
import { info, type RiffChunk, riff, waveFormat } from "../../support/riff-bytes.ts";
import { id3Frame, id3v1, id3v2, latin1 } from "../../support/tag-bytes.ts";

const audio = Buffer.alloc(16_000);
const data: RiffChunk = ["data", audio];
const names = info({ INAM: Buffer.from("Jóga\0"), IART: Buffer.from("Björk\0") });
const right = { title: "Jóga", artist: "Björk", durationSeconds: 1 };

/** Sizes of 64 bits (EBU Tech 3306): of the whole, of the audio, of samples; no table. */
function ds64(dataBytes: number): RiffChunk {
  const bytes = Buffer.alloc(28);
  bytes.writeBigUInt64LE(BigInt(dataBytes), 8);
  return ["ds64", bytes];
}
const unknown = 0xffffffff;
const wide: RiffChunk = ["data", audio, unknown];
/** A text of an odd number of bytes as the last, without the byte that should follow. */
const oddInfo = ([name, bytes]: RiffChunk): RiffChunk => [
  name,
  Buffer.concat([bytes, Buffer.from("ICMT\x01\0\0\0x")]),
];

const files: Readonly<Record<string, Buffer>> = {
  "INFO in UTF-8": riff([waveFormat(), names, data]),
  "INFO behind the audio": riff([waveFormat(), data, names]),
  "INFO whose last text is not padded": riff([waveFormat(), oddInfo(names), data]),
  "INFO in Latin-1": riff([
    ...[waveFormat(), data],
    info({ INAM: Buffer.from("Jóga", "latin1"), IART: Buffer.from("Björk", "latin1") }),
  ]),
  "INFO of which one text is in UTF-8 and one in Latin-1": riff([
    ...[waveFormat(), data],
    info({ INAM: Buffer.from("Jóga"), IART: Buffer.from("Björk", "latin1") }),
  ]),
  "an id3 chunk": riff([
    ...[waveFormat(), data],
    ["id3 ", id3v2({ frames: [id3Frame("TIT2", latin1("Jóga")), id3Frame("TPE1", latin1("Björk"))] })],
  ]),
  RF64: riff([ds64(16_000), waveFormat(), wide, names], { name: "RF64", toldBytes: unknown }),
  BW64: riff([ds64(16_000), waveFormat(), wide, names], { name: "BW64", toldBytes: unknown }),
  "no length, as it was written to a pipe": riff([waveFormat(), names, wide], { toldBytes: unknown }),
  "no length, and a tag behind it": Buffer.concat([
    riff([waveFormat(), names, ["data", audio, 0]], { toldBytes: 0 }),
    id3v1("Tail"),
  ]),
};

describe("A WAV file", () => {
  it("whose audio comes before its format is refused by that: not all browsers play it", async () => {
    await expect(inspectBytes(riff([data, waveFormat()]))).rejects.toThrow(
      "its audio comes before what says",
    );
  });

  it.each(Object.entries(files))("with %s", async (_name, file) => {
    const found = await inspectBytes(file);
    expect(found).toMatchObject(right);
    expect((await inspectBytes(found.preview.bytes)).durationSeconds).toBe(1);
  });

  it("has the signs that Windows has and Latin-1 has not", async () => {
    const title = Buffer.from([0x80, 0x20, 0x93, 0x41, 0x94]);
    expect((await inspectBytes(riff([waveFormat(), data, info({ INAM: title })]))).title).toBe("€ “A”");
  });

  it("that announces more than it holds was cut", async () => {
    const cut = riff([waveFormat(), ["data", audio, 160_000]]);
    await expect(inspectBytes(cut)).rejects.toThrow("cut off: it announces 10.0 s and holds 1.0 s");
    const wideCut = riff([ds64(160_000), waveFormat(), wide], { name: "RF64" });
    await expect(inspectBytes(wideCut)).rejects.toThrow("cut off: it announces 10.0 s and holds 1.0 s");
  });

  it.each([
    [{ tag: 2, bits: 4 }, "Microsoft ADPCM"],
    [{ tag: 17, bits: 4 }, "IMA ADPCM"],
    [{ tag: 80, bits: 0 }, "MPEG audio layer I or II"],
    [{ tag: 0x2000, bits: 0 }, "AC-3"],
    [{ tag: 3, bits: 64 }, "PCM of 64-bit floating point numbers"],
    [{ tag: 0x7abc, bits: 0 }, "the WAV codec 0x7abc"],
  ])("of %j is refused by its codec's name", async (format, codec) => {
    await expect(inspectBytes(riff([waveFormat(format), data]))).rejects.toThrow(
      `Not all browsers play ${codec}`,
    );
  });

  it.each([
    { tag: 1, bits: 8, blockBytes: 1 },
    { tag: 1, bits: 24, blockBytes: 3 },
    { tag: 3, bits: 32, blockBytes: 4 },
    { tag: 6, bits: 8, blockBytes: 1 },
    { tag: 7, bits: 8, blockBytes: 1 },
  ])("of %j is taken", async (format) => {
    const found = await inspectBytes(riff([waveFormat(format), data]));
    expect(found.durationSeconds).toBeCloseTo(2 / format.blockBytes, 3);
  });
});

it("Of very many texts of INFO the first are read", () => {
  const texts = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`I${at + 100}`, latin1("")]));
  const [name, data] = info({ INAM: Buffer.from("First"), ...texts, IART: Buffer.from("Last") });
  const bytes = Buffer.from(riffTagFile([{ name, data }]).bytes);
  expect([bytes.includes("First"), bytes.includes("Last")]).toEqual([true, false]);
});
