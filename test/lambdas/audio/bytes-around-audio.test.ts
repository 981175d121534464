import { describe, expect, it } from "vitest";
import { inspectBytes } from "../../support/inspect-bytes.ts";
import { type SampleFormat, sampleAudio } from "../../support/sample-audio.ts";
import { coverTag } from "../../support/sample-picture.ts";
import { ape, id3Frame, id3v1, id3v2, latin1, lyrics3 } from "../../support/tag-bytes.ts";

const cover = await coverTag({ width: 64, height: 64 });
const picture = id3Frame("APIC", Buffer.concat([Buffer.from("\0image/jpeg\0\x03\0", "latin1"), cover.data]));
const title = id3Frame("TIT2", latin1("Tail"));

/** What programs put behind audio, and whether an MP3 has its title from there. */
const tails: Readonly<Record<string, readonly [bytes: Buffer, isNamed: boolean]>> = {
  ID3v1: [id3v1("Tail"), true],
  APEv2: [ape("Tail"), true],
  "APEv1, which has no header": [ape("Tail", { header: false }), true],
  "APEv2 and ID3v1": [Buffer.concat([ape("Tail"), id3v1("Other")]), true],
  "Lyrics3 and ID3v1": [Buffer.concat([lyrics3("La la"), id3v1("Tail")]), true],
  "ID3v2 with a picture": [id3v2({ frames: [title, picture] }), true],
  "ID3v2 with a footer": [id3v2({ version: 4, frames: [title], footer: true }), true],
  "an APE tag and zeros": [Buffer.concat([ape("Tail"), Buffer.alloc(4_000)]), true],
  zeros: [Buffer.alloc(50_000), false],
  "bytes of anything": [
    Buffer.from(Array.from({ length: 9_000 }, (_, at) => (at * at * 7 + at) % 251)),
    false,
  ],
  text: [Buffer.from("TAGGED BY moov mdat\n".repeat(50)), false],
};

describe.each(["mp3", "flac", "wav", "ogg", "m4a"] as const)(
  "Behind the audio of a %s file",
  (format: SampleFormat) => {
    it.each(Object.entries(tails))("%s is no part of it", async (_name, [tail, isNamed]) => {
      const audio = await sampleAudio({ format });
      const found = await inspectBytes(Buffer.concat([audio, tail]));
      const alone = await inspectBytes(audio);
      expect(found.durationSeconds).toBe(alone.durationSeconds);
      if (format === "mp3") expect(found.title).toBe(isNamed ? "Tail" : undefined);
    });
  },
);

describe("An ID3v1 tag", () => {
  const head = id3v2({ frames: [id3Frame("TIT2", latin1("Head"))] });
  const latinBytes = id3v1("Jóga");
  const utf8 = id3v1("Jóga", "utf8");

  it.each<[string, Buffer, Buffer, string]>([
    ["may be in Latin-1", Buffer.alloc(0), latinBytes, "Jóga"],
    ["may be in UTF-8", Buffer.alloc(0), utf8, "Jóga"],
    [
      "may be cut within a character",
      Buffer.alloc(0),
      id3v1(`${"ó".repeat(14)}a日`, "utf8"),
      `${"ó".repeat(14)}a`,
    ],
    ["says less than ID3v2", head, utf8, "Head"],
    ["says less than APE", Buffer.alloc(0), Buffer.concat([ape("Tail"), utf8]), "Tail"],
  ])("%s", async (_, before, behind, wanted) => {
    const { title: found } = await inspectBytes(Buffer.concat([before, await sampleAudio(), behind]));
    expect(found).toBe(wanted);
  });
});

it("Of an APE tag and an ID3v2 tag, one says both who is printed and who is credited", async () => {
  const head = id3v2({ frames: [id3Frame("TPE1", latin1("Nora feat. Omar"))] });
  const inspect = async (tail: Buffer) => inspectBytes(Buffer.concat([head, await sampleAudio(), tail]));
  const both = await inspect(ape("Tail", { artist: "Nora" }));
  expect([both.artist, both.artists]).toEqual(["Nora", undefined]);
  const other = await inspect(ape("Tail"));
  expect([other.artist, other.artists]).toEqual(["Nora feat. Omar", undefined]);
});

describe("Before the audio of an MP3", () => {
  const tag = id3v2({ frames: [id3Frame("TIT2", latin1("Head"))] });

  it.each([0, 1, 100, 5_000, 200_000])("may be %i zeros behind the tag", async (count) => {
    const audio = await sampleAudio();
    const found = await inspectBytes(Buffer.concat([tag, Buffer.alloc(count), audio]));
    expect(found).toMatchObject({
      title: "Head",
      durationSeconds: (await inspectBytes(audio)).durationSeconds,
    });
  });

  it("may be other bytes, and a second tag", async () => {
    const other = Buffer.from("padding of a tagger ".repeat(400));
    const audio = await sampleAudio();
    const found = await inspectBytes(Buffer.concat([tag, other, id3v2({ frames: [title] }), audio]));
    expect(found).toMatchObject({
      title: "Head",
      durationSeconds: (await inspectBytes(audio)).durationSeconds,
    });
  });

  it("is looked for no further than a tag could be wrong: noise is no MP3", async () => {
    const noise = Buffer.from(
      Array.from({ length: 60_000 }, (_, at) => (Math.imul(at, 2_654_435_761) >>> 13) & 255),
    );
    await expect(inspectBytes(noise)).rejects.toThrow("no MP3");
  });
});

/** An MP3 of 6 s, whose first frame says so, as encoders of variable rate write it. */
async function mp3WithInfo(): Promise<Buffer> {
  const audio = await sampleAudio({ seconds: 6 });
  const info = Buffer.alloc(417);
  audio.copy(info, 0, 0, 4);
  // Without protection and padding, at 128 kbit/s.
  info.writeUInt8(0x90, 2);
  info.write("Info", 36);
  info.writeUInt32BE(1, 40);
  info.writeUInt32BE(Math.round((6 * 44_100) / 1_152), 44);
  return Buffer.concat([info, audio]);
}

describe("A file that says how long it is", () => {
  const whole = (format: SampleFormat) =>
    format === "mp3" ? mp3WithInfo() : sampleAudio({ format, seconds: 6 });

  it.each(["mp3", "flac", "wav", "m4a"] as const)(
    "is refused as cut where half of a %s is there, and else taken",
    async (format) => {
      const audio = await whole(format);
      await expect(inspectBytes(audio.subarray(0, audio.length / 2))).rejects.toThrow("cut off");
      expect((await inspectBytes(audio)).durationSeconds).toBeCloseTo(6, 0);
    },
  );
});

it("A part of an MP3 or an Ogg file that says nothing is a song, as long as what is there", async () => {
  for (const format of ["mp3", "ogg"] as const) {
    const audio = await sampleAudio({ format, seconds: 20 });
    const { durationSeconds } = await inspectBytes(audio.subarray(0, audio.length * 0.7));
    expect(durationSeconds).toBeGreaterThan(5);
    expect(durationSeconds).toBeLessThan(15);
  }
});

it("Joined MP3s last as long as all of them, and have the first one's name", async () => {
  const parts = ["One", "Two", "Three"].map((name) => sampleAudio({ seconds: 2, tags: { title: name } }));
  const found = await inspectBytes(Buffer.concat(await Promise.all(parts)));
  expect(found.title).toBe("One");
  expect(Math.abs(found.durationSeconds - 6)).toBeLessThan(0.2);
});
