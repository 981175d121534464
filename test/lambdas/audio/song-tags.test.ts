import { readFile } from "node:fs/promises";
import { type IAudioMetadata, parseBuffer } from "music-metadata";
import { describe, expect, it } from "vitest";
import { plainId3v2 } from "../../../lambdas/audio/tags/id3v2.ts";
import { songTagsOf } from "../../../lambdas/audio/tags/song-tags.ts";
import { flacWithComments } from "../../support/flac-bytes.ts";
import { id3 } from "../../support/id3.ts";

const cases = new URL("../../cases/", import.meta.url);
const parse = (bytes: Buffer): Promise<IAudioMetadata> =>
  parseBuffer(bytes, "audio/mpeg", { duration: false });
const tagsOf = async (tag: Buffer) => songTagsOf(await parse(plainId3v2(tag)));
const fileTags = async (path: string) => {
  const bytes = await readFile(new URL(path, cases));
  return path.endsWith("flac") ? songTagsOf(await parseBuffer(bytes, "audio/flac")) : tagsOf(bytes);
};

const nora = "a1a1a1a1-0000-4000-8000-00000000000a";
const omar = "B2b2b2b2-0000-4000-8000-00000000000b";

describe("Artists", () => {
  it.each([
    ["a slash in a name of ID3v2.3", "09-slash-in-artist/acdc.mp3", "AC/DC", undefined],
    ["NUL in ID3v2.4", "12-several-artists/nul.mp3", "Nora, Omar", ["Nora", "Omar"]],
    ["repeated Vorbis comments", "12-several-artists/two-comments.flac", "Nora, Omar", ["Nora", "Omar"]],
  ])("%s", async (_, path, artist, artists) => {
    const tags = await fileTags(path);
    expect([tags.artist, tags.artists]).toEqual([artist, artists]);
  });

  it.each<[string, 3 | 4, Record<string, string>, string, readonly string[] | undefined]>([
    ["a slash in ID3v2.4", 4, { TPE1: "AC/DC" }, "AC/DC", undefined],
    ["NUL in ID3v2.3, which some taggers write", 3, { TPE1: "Nora\0Omar" }, "Nora, Omar", ["Nora", "Omar"]],
    ["the same name twice", 4, { TPE1: "Nora\0NORA" }, "Nora", undefined],
    ["semicolons", 3, { TPE1: "Nora; Omar" }, "Nora; Omar", ["Nora", "Omar"]],
    ["semicolons of full width", 4, { TPE1: "林檎；Omar" }, "林檎；Omar", ["林檎", "Omar"]],
    ["two backslashes", 4, { TPE1: "Nora\\\\Omar" }, "Nora\\\\Omar", ["Nora", "Omar"]],
    ["one backslash", 4, { TPE1: "Nora\\Omar" }, "Nora\\Omar", undefined],
    ["a slash between blanks", 4, { TPE1: "Nora / AC/DC" }, "Nora / AC/DC", ["Nora", "AC/DC"]],
    ["a slash between blanks in ID3v2.3", 3, { TPE1: "Nora / Omar" }, "Nora / Omar", ["Nora", "Omar"]],
    [
      "ARTISTS of a name that is not printed",
      4,
      { TPE1: "The Youngs", "TXXX:ARTISTS": "AC/DC" },
      ...(["The Youngs", ["AC/DC"]] as const),
    ],
    ["guests as printed", 4, { TPE1: "Nora feat. Omar" }, "Nora feat. Omar", undefined],
    [
      "guests as printed, and ARTISTS",
      4,
      { TPE1: "Nora feat. Omar", "TXXX:ARTISTS": "Nora\0Omar" },
      ...(["Nora feat. Omar", ["Nora", "Omar"]] as const),
    ],
    [
      "ARTISTS that slashes separate, as printed otherwise",
      3,
      { TPE1: "Nora feat. AC/DC", "TXXX:ARTISTS": "Nora/AC/DC" },
      ...(["Nora feat. AC/DC", ["Nora", "AC/DC"]] as const),
    ],
    ["ARTISTS with a slash in a name", 3, { TPE1: "AC/DC", "TXXX:ARTISTS": "AC/DC" }, "AC/DC", undefined],
    [
      "slashes that MusicBrainz's ids tell to be separators",
      3,
      { TPE1: "Nora/Omar", "TXXX:MusicBrainz Artist Id": `${nora}/${omar}` },
      ...(["Nora/Omar", ["Nora", "Omar"]] as const),
    ],
    [
      "the same beside ARTISTS",
      3,
      {
        TPE1: "Nora & Omar",
        "TXXX:ARTISTS": "Nora/Omar",
        "TXXX:MusicBrainz Artist Id": `${nora}/${omar}`,
      },
      ...(["Nora & Omar", ["Nora", "Omar"]] as const),
    ],
    [
      "a slash in the name of one who has one id",
      3,
      { TPE1: "AC/DC", "TXXX:MusicBrainz Artist Id": nora },
      ...(["AC/DC", undefined] as const),
    ],
  ])("%s", async (_, version, frames, artist, artists) => {
    const tags = await tagsOf(id3(version, frames));
    expect([tags.artist, tags.artists]).toEqual([artist, artists]);
  });

  it("a slash in the names of album artists and composers", async () => {
    const tags = await tagsOf(id3(3, { TPE1: "AC/DC", TPE2: "AC/DC", TCOM: "Young/Young/Scott" }));
    expect(tags).toEqual({ artist: "AC/DC", albumArtist: "AC/DC", composers: ["Young/Young/Scott"] });
  });
});

it("discs, tracks and compilations", async () => {
  expect(await fileTags("10-two-discs/2-1.mp3")).toMatchObject({ disc: 2, discs: 2, track: 1, tracks: 2 });
  expect(await fileTags("11-compilation/1.mp3")).toMatchObject({ compilation: true, track: 1 });
  const none = await tagsOf(id3(4, { TPOS: "0/0", TRCK: "x", TCMP: "0" }));
  expect(none).toEqual({});
});

describe("Numbers as people type them", () => {
  it.each([
    ["2001-05", 2001],
    ["c. 1999", 1999],
    ["05/06/2001", 2001],
    ["19990101", 1999],
    ["1999-13-45", 1999],
    ["2001/2002", 2001],
    ["２００１年", 2001],
    ["2001-05-06T07:08:09Z", 2001],
    ["0000", undefined],
    ["99", undefined],
    ["unknown", undefined],
  ])("a date %s", async (date, year) => {
    expect((await tagsOf(id3(4, { TDRC: date }))).year).toBe(year);
  });

  it("a date of release, where there is no other", async () => {
    expect((await tagsOf(id3(4, { TDRL: "2003-04-01" }))).year).toBe(2003);
    expect((await tagsOf(id3(4, { TDRL: "2003-04-01", TDRC: "1999" }))).year).toBe(1999);
  });

  it.each(["1/2", "1 of 2", "01 OF 02"])("a disc %s", async (text) => {
    const tags = await tagsOf(id3(3, { TPOS: text, TRCK: text }));
    expect(tags).toEqual({ disc: 1, discs: 2, track: 1, tracks: 2 });
  });

  it("a Vorbis comment YEAR, where there is no DATE", async () => {
    const yearOf = async (...comments: string[]) =>
      songTagsOf(await parseBuffer(flacWithComments(comments), "audio/flac")).year;
    expect(await yearOf("YEAR=1984")).toBe(1984);
    expect(await yearOf("YEAR=2011", "DATE=1984-02-03")).toBe(1984);
  });
});

it("no more names than a row can hold", async () => {
  const names = Array.from({ length: 5_000 }, (_, at) => `Name ${at}`);
  const tags = await tagsOf(id3(4, { TPE1: names.join("\0"), TPE2: names.join(";"), TCON: names.join(";") }));
  for (const list of [tags.artists, tags.albumArtists, tags.genres]) expect(list).toHaveLength(50);
  expect([...(tags.artist ?? "")].length).toBe(200);
});

it("all else that the catalogue keeps", async () => {
  const tags = await tagsOf(
    id3(4, {
      TPE2: "Nora\0Omar",
      TCON: "Pop\0Jazz",
      TCOM: "Bach\0Chopin",
      TSRC: "DEAB12345678",
      TDRC: "2011",
      TDOR: "1973-03-01T12:00",
      TSOP: "Fischer, Nora",
      TSOA: "Best, The",
      "TXXX:MusicBrainz Album Id": nora,
      "TXXX:MusicBrainz Release Group Id": "no id",
      "TXXX:MusicBrainz Artist Id": `${nora}\0${omar}`,
    }),
  );
  expect(tags).toEqual({
    albumArtist: "Nora, Omar",
    albumArtists: ["Nora", "Omar"],
    year: 2011,
    originalDate: "1973-03-01",
    genres: ["Pop", "Jazz"],
    composers: ["Bach", "Chopin"],
    isrcs: ["DEAB12345678"],
    musicBrainz: { releaseId: nora, artistIds: [nora, omar.toLowerCase()] },
    sortNames: { artist: "Fischer, Nora", album: "Best, The" },
  });
});
