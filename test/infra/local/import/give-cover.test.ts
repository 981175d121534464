import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Song } from "../../../../core/contract/catalogue.ts";
import { maxCoverBytes } from "../../../../core/contract/covers.ts";
import { toSong } from "../../../../core/domain/catalogue/record.ts";
import { createCoverFinder } from "../../../../infra/local/import/cover-files.ts";
import { createCoverGiver } from "../../../../infra/local/import/give-cover.ts";
import { ApiRefusal, Unreachable } from "../../../../infra/local/import/request.ts";
import { samplePicture } from "../../../support/sample-picture.ts";
import { songRecord } from "../../../support/songs.ts";

async function createFolder(files: Record<string, string | Buffer>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-covers-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

describe("The picture beside a file", () => {
  it.each([
    [
      "is the best of several names",
      ["album.png", "Folder.JPEG", "COVER.webp", "front.jpg"],
      "01.mp3",
      "COVER.webp",
    ],
    [
      "has one of the known names",
      ["me.jpg", "cover.txt", "cover.jpg.txt", "my cover.jpg"],
      "01.mp3",
      undefined,
    ],
    [
      "is the large one of two by old players",
      ["AlbumArtSmall.jpg", "AlbumArt_{1}_Large.jpg"],
      "01.mp3",
      "AlbumArt_{1}_Large.jpg",
    ],
    ["may be a small one", ["AlbumArtSmall.jpg"], "01.mp3", "AlbumArtSmall.jpg"],
    ["may be a GIF", ["cover.txt", "Folder.gif"], "01.mp3", "Folder.gif"],
    ["is its folder's own", ["cover.jpg", "CD1/cover.png"], "CD1/01.mp3", "CD1/cover.png"],
    ["lies above one disc of an album", ["cover.jpg"], "CD 02 - More/01.mp3", "cover.jpg"],
    ["lies above another disc", ["cover.jpg"], "disc_1/01.mp3", "cover.jpg"],
    ["does not lie above other folders", ["cover.jpg"], "CDs/01.mp3", undefined],
    ["does not lie above an album", ["cover.jpg"], "Discovery/01.mp3", undefined],
  ])("%s", async (_, pictures, file, wanted) => {
    const folder = await createFolder(Object.fromEntries([...pictures, file].map((name) => [name, "?"])));
    const [cover] = await createCoverFinder()(Buffer.from(join(folder, file)));
    expect(cover?.toString()).toBe(wanted && join(folder, wanted));
  });
});

describe("A song without a cover", () => {
  const song: Song = toSong(songRecord("song"));

  /** An API that takes covers, and has the song as it is given. */
  function coverApi(there: Song = song) {
    const taken: { contentType: string; bytes: Uint8Array }[] = [];
    return {
      taken,
      song: async () => there,
      putCover: async (_: string, picture: (typeof taken)[number]) => void taken.push(picture),
    };
  }
  const give = async (folder: string, api = coverApi(), one: Song | { songId: string } = song) => ({
    given: await createCoverGiver(api)(Buffer.from(join(folder, "x.mp3")), one),
    taken: api.taken,
  });

  it("gets the picture beside its file, as what it is and not as what it is called", async () => {
    const picture = await samplePicture({ format: "png" });
    const { given, taken } = await give(await createFolder({ "folder.jpg": picture }));
    expect(given).toEqual({ name: "folder.jpg" });
    expect(taken).toEqual([{ contentType: "image/png", bytes: picture }]);
  });

  it("gets it when it was there before, but one with a cover keeps that", async () => {
    const folder = await createFolder({ "cover.jpg": await samplePicture() });
    expect((await give(folder, coverApi(), { songId: "song" })).taken).toHaveLength(1);
    const withCover = { ...song, coverUrl: "/covers/song" };
    expect(await give(folder, coverApi(withCover), { songId: "song" })).toEqual({
      given: undefined,
      taken: [],
    });
    expect(await give(folder, coverApi(), withCover)).toEqual({ given: undefined, taken: [] });
  });

  it("gets the next best one where the best cannot be used, also that above a disc", async () => {
    const picture = await samplePicture();
    const folder = await createFolder({ "cover.jpg": "no picture", "folder.jpg": picture });
    expect((await give(folder)).given).toEqual({ name: "folder.jpg" });
    const album = await createFolder({ "CD 1/cover.jpg": "", "folder.jpg": picture });
    expect((await give(join(album, "CD 1"))).given).toEqual({ name: "folder.jpg" });
  });

  it("gets a large picture made smaller", async () => {
    const noise = {
      create: {
        width: 1600,
        height: 1600,
        channels: 3,
        background: "#fff",
        noise: { type: "gaussian", mean: 128, sigma: 60 },
      },
    } as const;
    const large = await sharp(noise).png({ compressionLevel: 1 }).toBuffer();
    expect(large.length).toBeGreaterThan(maxCoverBytes);
    const { taken } = await give(await createFolder({ "cover.png": large }));
    expect(taken[0]?.bytes.length).toBeLessThan(maxCoverBytes);
    expect(await sharp(taken[0]?.bytes).metadata()).toMatchObject({ format: "jpeg", width: 1280 });
  });

  it("is told why it gets none, and no other file is held up", async () => {
    const folder = await createFolder({ "no/cover.jpg": "no picture" });
    expect((await give(join(folder, "no"))).given).toEqual({
      name: "cover.jpg",
      problem: "It is no JPEG, PNG, WebP or GIF",
    });
    await mkdir(join(folder, "dir/cover.jpg"), { recursive: true });
    expect((await give(join(folder, "dir"))).given?.problem).toBe("It is no file");
    await mkdir(join(folder, "link"));
    await symlink("nowhere", join(folder, "link/cover.jpg"));
    expect((await give(join(folder, "link"))).given?.problem).toBe("It cannot be read: it is gone");
    const refused = new ApiRefusal({ type: "", kind: "bad-picture", title: "It is no picture", status: 422 });
    await writeFile(join(folder, "cover.jpg"), await samplePicture());
    const refusing = { ...coverApi(), putCover: () => Promise.reject(refused) };
    expect((await give(folder, refusing)).given).toEqual({ name: "cover.jpg", problem: "It is no picture" });
    const gone = new Unreachable("gone");
    await expect(give(folder, { ...coverApi(), putCover: () => Promise.reject(gone) })).rejects.toThrow(gone);
  });
});
