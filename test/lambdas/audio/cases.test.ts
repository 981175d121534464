import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { inspectBytes } from "../../support/inspect-bytes.ts";

const cases = new URL("../../cases/", import.meta.url);
const inspectCase = async (path: string) => inspectBytes(await readFile(new URL(path, cases)));

const artist = "Case Artist";
const withCover = { cover: { contentType: "image/jpeg" } };

/** What is right for each file of `test/cases` (see its README); lengths are those that browsers play, in seconds. */
const right: readonly (readonly [path: string, seconds: number, tags: object])[] = [
  ["01-bytes-after-audio/ape-cover.mp3", 3.1, { title: "Ape cover", artist, ...withCover }],
  ["01-bytes-after-audio/id3-at-end.mp3", 3.1, { title: "Id3 at end", artist, ...withCover }],
  ["03-joined-mp3/joined.mp3", 5.1, { title: "Joined", artist }],
  ["04-flac-192khz/hires.flac", 0.4, { title: "Hi-res", artist }],
  ["05-flac-of-unknown-length/unknown-length.flac", 90, { title: "Unknown length", artist }],
  ["06-vbr-length-in-player/loud-start.mp3", 24.1, { title: "Loud start", artist }],
  ["08-chained-ogg/chained.ogg", 4, { title: "Chained 1", artist }],
  ["18-gap-after-tag/gap-100.mp3", 2.1, { title: "Gap 100", artist }],
  ["18-gap-after-tag/gap-5000.mp3", 2.1, { title: "Gap 5000", artist }],
  ...[1, 2, 3, 4].map(
    (number) =>
      [`20-cover-types/${number}.mp3`, 1.1, { title: `Cover type ${number}`, artist, ...withCover }] as const,
  ),
  ["21-wav-utf8-info/latin1.wav", 1, { title: "Jóga 1", artist: "Björk" }],
  ["21-wav-utf8-info/utf8.wav", 1, { title: "Jóga 8", artist: "Björk" }],
  ["22-id3-of-old-taggers/v23-unsync.mp3", 1.1, { title: "Unsynchronised", artist }],
  ["22-id3-of-old-taggers/v24-plain-sizes.mp3", 1.1, { title: "Plain sizes", artist, ...withCover }],
];

describe("Files that were refused, or taken for what they are not", () => {
  it.each(right)("%s", async (path, seconds, tags) => {
    const found = await inspectCase(path);
    expect(found).toMatchObject(tags);
    expect(Math.abs(found.durationSeconds - seconds)).toBeLessThan(0.1);
    expect(found.preview.bytes.length).toBeGreaterThan(1_000);
  });

  it.each([
    ["24-no-browser-plays-it/ac3.m4a", "AC-3"],
    ["24-no-browser-plays-it/adpcm.wav", "IMA ADPCM"],
    ["24-no-browser-plays-it/layer2.mp3", "MPEG audio layer II"],
  ])("%s is refused for its codec, by name", async (path, codec) => {
    await expect(inspectCase(path)).rejects.toThrow(`Not all browsers play ${codec}: `);
  });
});
