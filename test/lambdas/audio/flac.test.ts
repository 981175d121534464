import { describe, expect, it } from "vitest";
import { flacFile, flacParts, flacWithComments } from "../../support/flac-bytes.ts";
import { inspectBytes } from "../../support/inspect-bytes.ts";
import { samplePicture } from "../../support/sample-picture.ts";

const u8 = (value: number): Buffer => Buffer.of(value);
const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff);

/** Every way in which a frame may name its sample rate (RFC 9639, 9.1.2), in hertz. */
const forms: readonly (readonly [sampleRate: number, code: number, bytes: Buffer])[] = [
  ...[88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000].map(
    (rate, at) => [rate, at + 1, Buffer.alloc(0)] as const,
  ),
  ...[11_025, 352_800, 384_000, 655_350, 1_048_575].map((rate) => [rate, 0, Buffer.alloc(0)] as const),
  ...[12_000, 64_000, 128_000, 192_000, 255_000].map((rate) => [rate, 12, u8(rate / 1_000)] as const),
  ...[11_025, 44_100, 64_000, 65_535].map((rate) => [rate, 13, u16(rate)] as const),
  ...[88_200, 352_800, 384_000, 655_350].map((rate) => [rate, 14, u16(rate / 10)] as const),
];

describe("A FLAC file", () => {
  it.each(forms)(
    "of %i Hz, named by code %i, has the length of its frames",
    async (sampleRate, code, bytes) => {
      const found = await inspectBytes(flacFile({ sampleRate, form: { code, bytes } }));
      expect(found.durationSeconds).toBeCloseTo((8 * 4_096) / sampleRate, 3);
    },
  );

  const form = { code: 9, bytes: Buffer.alloc(0) };
  const seconds = (frames: number): number => (frames * 4_096) / 44_100;

  it("whose length its encoder did not know has that of its frames", async () => {
    const found = await inspectBytes(flacFile({ sampleRate: 44_100, form, frames: 50, toldSamples: 0 }));
    expect(found.durationSeconds).toBeCloseTo(seconds(50), 3);
  });

  it("that announces more than a second more than it holds was cut", async () => {
    const cut = flacFile({ sampleRate: 44_100, form, frames: 50, toldSamples: 70 * 4_096 });
    await expect(inspectBytes(cut)).rejects.toThrow("cut off: it announces 6.5 s and holds 4.6 s");
  });

  it("of which frames are damaged lasts as long as the others", async () => {
    const file = flacFile({ sampleRate: 44_100, form, frames: 50 });
    const at = file.indexOf(Buffer.from([0xff, 0xf8, (12 << 4) | form.code, 8, 20]));
    file.fill(0, at, at + 4);
    expect((await inspectBytes(file)).durationSeconds).toBeCloseTo(seconds(49), 3);
  });

  it("that announces less than it holds is played to its end", async () => {
    const found = await inspectBytes(flacFile({ sampleRate: 44_100, form, frames: 50, toldSamples: 4_096 }));
    expect(found.durationSeconds).toBeCloseTo(seconds(50), 3);
  });

  it("whose few bytes would last for days has made that up", async () => {
    const slow = flacFile({ sampleRate: 1, form: { code: 0, bytes: Buffer.alloc(0) } });
    await expect(inspectBytes(slow)).rejects.toThrow("claims to last longer than its audio can");
  });

  it("of so many channels that half a minute is larger than a preview has one that ends before", async () => {
    // As large as frames of 24 bits in eight channels at 384 kHz: what they hold is of no account here.
    const { streamInfo, frames } = flacParts({
      sampleRate: 4_096,
      form: { code: 0, bytes: form.bytes },
      frames: 33,
    });
    const padded = frames.map((frame) => Buffer.concat([frame, Buffer.alloc(2 ** 21)]));
    const start = Buffer.concat([Buffer.from("fLaC"), Buffer.from([0x80, 0, 0, 34]), streamInfo]);
    const { durationSeconds, preview } = await inspectBytes(Buffer.concat([start, ...padded]));
    expect(durationSeconds).toBe(33);
    expect((await inspectBytes(preview.bytes)).durationSeconds).toBe(23);
  });

  it("has a preview that is a FLAC file of its own, and says how long it is", async () => {
    const whole = flacFile({ sampleRate: 8_000, form: { code: 4, bytes: form.bytes }, frames: 70 });
    const { preview } = await inspectBytes(whole);
    const found = await inspectBytes(preview.bytes);
    expect(found.durationSeconds).toBeCloseTo((59 * 4_096) / 8_000, 3);
    expect(Buffer.from(preview.bytes).readUInt32BE(8 + 14)).toBe(59 * 4_096);
  });

  it("has a cover from the comment COVERART, in which old programs wrote it", async () => {
    const picture = await samplePicture({ format: "png" });
    const comments = ["TITLE=Old", `COVERART=${picture.toString("base64")}`, "COVERARTMIME=image/x"];
    const { cover } = await inspectBytes(flacWithComments(comments));
    expect(cover).toEqual({ contentType: "image/png", bytes: picture });
    expect(await inspectBytes(flacWithComments(["COVERART=no picture"]))).not.toHaveProperty("cover");
  });
});
