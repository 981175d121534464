import { expect, it } from "vitest";
import { describe } from "../../../../core/domain/uploads/describe.ts";

const song = { title: "Title", artist: "Artist", compilation: true };

it("A song of a compilation without an album artist is of Various Artists", () => {
  expect(describe("a.mp3", { ...song, album: "Album" })).toMatchObject({
    albumArtist: "Various Artists",
    compilation: true,
  });
});

it("A song without an album is of no compilation, whatever its tags say", () => {
  expect(describe("a.mp3", song)).toEqual({
    title: "Title",
    artist: "Artist",
    album: "Unknown album",
    albumArtist: "Artist",
  });
});

it.each([
  ["Nora feat. Omar", "Nora"],
  ["Nora (ft. Omar & Ida)", "Nora"],
  ["Nora & Ida featuring Omar", "Nora & Ida"],
  ["No Mean Feat Ensemble", "No Mean Feat Ensemble"],
  ["Ten Ft Tall", "Ten Ft Tall"],
  ["feat. Omar", "feat. Omar"],
])("A song by %s without an album artist is on an album by %s", (artist, albumArtist) => {
  expect(describe("a.mp3", { artist, album: "Album" })).toMatchObject({ artist, albumArtist });
  expect(describe("a.mp3", { artist, album: "Album", albumArtist: artist })).toMatchObject({
    albumArtist: artist,
  });
});
