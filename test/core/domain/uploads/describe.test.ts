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
