import { expect, it } from "vitest";
import { inspectBytes } from "../../support/inspect-bytes.ts";
import { id3Frame, id3v1, id3v2 } from "../../support/tag-bytes.ts";

type Frame = {
  readonly header?: number;
  readonly sizeBytes?: number;
  readonly write?: (bytes: Buffer) => void;
};

/** A frame of silence; by its header MPEG-1 layer 3, 44.1 kHz, 128 kbit/s, stereo. */
function frame({ header = 0xfffb9000, sizeBytes = 417, write = () => {} }: Frame = {}): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeUInt32BE(header);
  write(bytes);
  return bytes;
}
const frames = (count: number, one: Frame = {}): Buffer => Buffer.concat(Array(count).fill(frame(one)));
const secondsOf = async (...parts: readonly Buffer[]): Promise<number> =>
  (await inspectBytes(Buffer.concat(parts))).durationSeconds;

/** What LAME writes into a first frame: the number of frames, and the silence around the sound (samples). */
const lame = (count: number, delay: number, padding: number): Buffer =>
  frame({
    write(bytes) {
      bytes.write("Info", 36);
      bytes.writeUInt32BE(1, 40);
      bytes.writeUInt32BE(count, 44);
      bytes.write("LAME3.100", 48);
      bytes.writeUIntBE(delay * 4_096 + padding, 48 + 21, 3);
    },
  });

it("The silence that an encoder tells of is no part of an MP3, as players leave it out", async () => {
  // The decoder's delay of 529 samples comes at the start, and is over before the padding's end.
  const samples = 100 * 1_152 - (576 + 529) - (1_000 - 529);
  expect(await secondsOf(lame(100, 576, 1_000), frames(100))).toBeCloseTo(samples / 44_100, 3);
});

it("What a second file's first frame tells is no sound, and says nothing of all", async () => {
  const alone = await secondsOf(lame(100, 576, 1_000), frames(100));
  const joined = await secondsOf(
    lame(100, 576, 1_000),
    frames(100),
    id3v1("One"),
    lame(50, 576, 1_000),
    frames(50),
  );
  expect(joined).toBeGreaterThan(alone + (50 * 1_152) / 44_100 - 0.001);
  expect(joined).toBeLessThan(alone + (51 * 1_152) / 44_100);
});

it("A file that Fraunhofer's encoder says to have more frames was cut", async () => {
  const vbri = frame({
    write(bytes) {
      bytes.write("VBRI", 36);
      bytes.writeUInt32BE(400, 50);
    },
  });
  await expect(inspectBytes(Buffer.concat([vbri, frames(100)]))).rejects.toThrow("it announces 10.4 s");
  expect(await secondsOf(vbri, frames(400))).toBeCloseTo((400 * 1_152) / 44_100, 3);
});

it("Files of all versions, sample rates and channels are joined to one", async () => {
  // 128 kbit/s at 48 kHz; 64 at 22.05 kHz; 32 at 8 kHz, mono.
  const parts = [
    frames(100),
    frames(100, { header: 0xfffb9400, sizeBytes: 384 }),
    frames(100, { header: 0xfff38000, sizeBytes: 208 }),
    frames(100, { header: 0xffe348c0, sizeBytes: 288 }),
  ];
  const right = 100 * (1_152 / 44_100 + 1_152 / 48_000 + 576 / 22_050 + 576 / 8_000);
  expect(await secondsOf(...parts)).toBeCloseTo(right, 3);
});

it("Bytes that were lost inside shorten the file by what was lost", async () => {
  const whole = frames(200);
  const damaged = Buffer.concat([
    whole.subarray(0, 417 * 80 + 100),
    Buffer.alloc(5_000, 0x55),
    whole.subarray(417 * 100),
  ]);
  const found = await secondsOf(damaged);
  expect(found).toBeGreaterThan((178 * 1_152) / 44_100);
  expect(found).toBeLessThan((182 * 1_152) / 44_100);
});

it("The first frame may lie behind the rest of another, also where the tag before it has a large picture", async () => {
  const tag = id3v2({ frames: [id3Frame("APIC", Buffer.alloc(2 * 2 ** 20, 1))] });
  expect(await secondsOf(tag, Buffer.alloc(300, 0x55), frames(50))).toBeCloseTo((50 * 1_152) / 44_100, 3);
});

it("A preview ends where more than any preview has is lost within it", async () => {
  const { durationSeconds, preview } = await inspectBytes(
    Buffer.concat([frames(100), Buffer.alloc(65 * 2 ** 20), frames(100)]),
  );
  expect(durationSeconds).toBeCloseTo((200 * 1_152) / 44_100, 3);
  expect(preview.bytes).toHaveLength(100 * 417);
});
