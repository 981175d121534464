import { expect, it } from "vitest";
import { toRow } from "../../../core/aws/song-row.ts";
import { songRecord } from "../../support/songs.ts";

/** One sign that folding makes eighteen of. */
const names = Array.from({ length: 50 }, (_, at) => `${"\ufdfa".repeat(198)}${at}`);

it("A row of as many and as long names as a song may have is no larger than a row may be", () => {
  const row = toRow(
    songRecord("song", { artists: names, albumArtists: names, genres: names, composers: names }),
  );
  // 400 KiB (DynamoDB Developer Guide, "Constraints").
  expect(Buffer.byteLength(JSON.stringify(row))).toBeLessThan(400 * 1024);
});
