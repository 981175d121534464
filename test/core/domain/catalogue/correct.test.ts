import { describe, expect, it } from "vitest";
import type { PatchSongInput } from "../../../../core/contract/catalogue.ts";
import { correct } from "../../../../core/domain/catalogue/correct.ts";
import { toSong } from "../../../../core/domain/catalogue/record.ts";
import { songRecord } from "../../../support/songs.ts";

const before = songRecord("song-1", {
  artist: "Nora feat. Omar",
  artists: ["Nora", "Omar"],
  albumArtist: "Nora",
  disc: 2,
  discs: 2,
  track: 3,
  year: 2001,
  genres: ["Pop", "Jazz"],
  sortNames: { artist: "Fischer, Nora" },
});

const corrected = (patch: PatchSongInput) => {
  const { artists, albumArtists, ...song } = toSong(correct(before, patch));
  const names = (credits: typeof artists) => credits.map(({ name }) => name);
  return { ...song, artists: names(artists), albumArtists: names(albumArtists) };
};

describe("A curator's correction", () => {
  it.each<[string, PatchSongInput, object]>([
    ["of the artist alone makes one", { artist: " Nora " }, { artist: "Nora", artists: ["Nora"] }],
    [
      "of the artists alone prints them together",
      { artists: ["Nora", "nora", "Paul"] },
      { artist: "Nora, nora, Paul", artists: ["Nora", "Paul"] },
    ],
    [
      "of both keeps how it is printed",
      { artist: "Nora & Paul", artists: ["Nora", "Paul"] },
      { artist: "Nora & Paul", artists: ["Nora", "Paul"] },
    ],
    [
      "of the album's artists credits each",
      { albumArtists: ["Nora", "Omar"] },
      { albumArtist: "Nora, Omar", albumArtists: ["Nora", "Omar"] },
    ],
    [
      "to a compilation makes the album nobody's",
      { compilation: true },
      { compilation: true, albumArtist: "Various Artists", albumArtists: [] },
    ],
    [
      "to a compilation of somebody keeps them",
      { compilation: true, albumArtist: "DJ Paul" },
      { compilation: true, albumArtist: "DJ Paul", albumArtists: ["DJ Paul"] },
    ],
    ["of the one genre of before sets all", { genre: "Rock" }, { genre: "Rock", genres: ["Rock"] }],
    ["of the genres", { genres: ["A", "B"] }, { genre: "A", genres: ["A", "B"] }],
    ["of the place", { disc: 1, track: 9 }, { disc: 1, discs: 2, track: 9 }],
    ["of a sort name", { sortNames: { artist: "Nora" } }, { sortNames: { artist: "Nora" } }],
  ])("%s", (_, patch, result) => {
    expect(corrected(patch)).toMatchObject(result);
  });

  it("takes away by null, and what is empty", () => {
    const song = corrected({ disc: null, discs: null, track: null, year: null, sortNames: null, genres: [] });
    for (const name of ["disc", "discs", "track", "year", "sortNames", "genre"])
      expect(song).not.toHaveProperty(name);
    expect(song.genres).toEqual([]);
  });

  it("of a compilation that is none gives the album back to the first artist", () => {
    const compilation = correct(before, { compilation: true });
    expect(toSong(correct(compilation, { compilation: false }))).toMatchObject({
      compilation: false,
      albumArtist: "Nora",
      albumId: toSong(before).albumId,
    });
  });
});
