import { describe, expect, it } from "vitest";
import { inspectBytes } from "../../support/inspect-bytes.ts";
import { flacInOgg, pagesOf, withSerial } from "../../support/ogg-bytes.ts";
import { opusFile } from "../../support/opus-file.ts";
import { sampleAudio } from "../../support/sample-audio.ts";

const form = { code: 9, bytes: Buffer.alloc(0) };
let serial = 1;
/** Each has a serial number of its own. */
const makers = {
  Vorbis: async (seconds: number) => withSerial(await sampleAudio({ format: "ogg", seconds }), serial++),
  Opus: async (seconds: number) => withSerial(await opusFile({ seconds }), serial++),
};
const secondsOf = async (...parts: readonly Buffer[]): Promise<number> =>
  (await inspectBytes(Buffer.concat(parts))).durationSeconds;

const granuleOf = (page: Buffer): number => Number(page.readBigInt64LE(6));

describe.each(Object.entries(makers))("%s in Ogg", (codec, make) => {
  it("lasts as long as all files that are chained", async () => {
    expect(await secondsOf(await make(3), await make(2), await make(4))).toBeCloseTo(9, 1);
  });

  it("of which bytes inside were lost, or are others, lasts to its end", async () => {
    const pages = pagesOf(await make(60));
    const [half, junk] = [pages.length / 2, Buffer.from("of something else".repeat(50))];
    const [before, behind] = [pages.slice(0, half), pages.slice(half)];
    expect(await secondsOf(...before, junk, ...behind)).toBeCloseTo(60, 1);
    const cut = before.pop()?.subarray(0, 100) ?? junk;
    expect(await secondsOf(...before, cut, ...behind)).toBeCloseTo(60, 1);
    expect(await secondsOf(...before, cut, ...behind, await make(3))).toBeCloseTo(63, 1);
  });

  it("is not played on by one of another codec", async () => {
    const other = await makers[codec === "Opus" ? "Vorbis" : "Opus"](2);
    expect(await secondsOf(await make(3), other)).toBeCloseTo(3, 1);
  });

  it("that was recorded from the middle of a broadcast begins there", async () => {
    const pages = pagesOf(await make(60));
    const audio = pages.findIndex((page) => granuleOf(page) > 0);
    const late = pages.findIndex((page) => granuleOf(page) > 20 * 48_000);
    const [first, last] = [pages[late - 1], pages.at(-1)].map((page) => granuleOf(page ?? Buffer.alloc(14)));
    const found = await inspectBytes(Buffer.concat([...pages.slice(0, audio), ...pages.slice(late)]));
    const rate = codec === "Opus" ? 48_000 : 44_100;
    expect(Math.abs(found.durationSeconds - ((last ?? 0) - (first ?? 0)) / rate)).toBeLessThan(0.1);
    const preview = await inspectBytes(found.preview.bytes);
    expect(preview.durationSeconds).toBeCloseTo(30, 1);
  });

  it("goes on behind bytes that are no page", async () => {
    expect(await secondsOf(await make(3), Buffer.from("Oh no. ".repeat(99)), await make(2))).toBeCloseTo(
      5,
      1,
    );
  });
});

it("Opus of two channels is not played on behind one of one, as browsers do not", async () => {
  expect(await secondsOf(await opusFile(), await opusFile({ channels: 2 }))).toBeCloseTo(3, 1);
});

describe("FLAC in Ogg", () => {
  const seconds = (frames: number): number => (frames * 4_096) / 44_100;
  const make = (frames: number, from = 0) =>
    flacInOgg({ sampleRate: 44_100, form, frames, from, serial: serial++ });

  it("lasts as long as its frames, and as all files that are chained", async () => {
    expect(await secondsOf(make(50))).toBeCloseTo(seconds(50), 3);
    expect(await secondsOf(make(50), make(30))).toBeCloseTo(seconds(80), 3);
  });

  it("that was recorded from the middle of a broadcast begins there", async () => {
    expect(await secondsOf(make(50, 20))).toBeCloseTo(seconds(30), 3);
  });

  it("is played to its end where a file was begun behind it, and ended before its audio", async () => {
    expect(await secondsOf(make(50), make(0))).toBeCloseTo(seconds(50), 3);
    await expect(inspectBytes(make(0))).rejects.toThrow("The file holds no audio");
  });

  it("has a preview in FLAC alone, as long as it says", async () => {
    const whole = flacInOgg({ sampleRate: 8_000, form: { code: 4, bytes: form.bytes }, frames: 70 });
    const { preview } = await inspectBytes(whole);
    expect(preview.contentType).toBe("audio/flac");
    expect((await inspectBytes(preview.bytes)).durationSeconds).toBeCloseTo((59 * 4_096) / 8_000, 3);
  });
});

it("Speex is refused by its name", async () => {
  const speex = (await opusFile()).toString("latin1").replace("OpusHead", "Speex   ");
  await expect(inspectBytes(Buffer.from(speex, "latin1"))).rejects.toThrow("Not all browsers play Speex: ");
});
