import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseBuffer } from "music-metadata";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAudioInspector } from "../../../lambdas/audio/inspect.ts";
import { buildDemoLibrary, type DemoTrack } from "../../../tools/demo-library/build.ts";
import { albums, entries } from "../../../tools/demo-library/catalogue.ts";

const inspector = createAudioInspector();

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-library-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe("The demo library's catalogue", () => {
  const pieces = entries().map(({ piece }) => piece);

  it("has at least twelve pieces on four albums, in MP3, FLAC and Ogg, some of them premium", () => {
    expect(pieces.length).toBeGreaterThanOrEqual(12);
    expect(albums.length).toBeGreaterThanOrEqual(4);
    expect(new Set(pieces.map(({ format }) => format))).toEqual(new Set(["mp3", "flac", "ogg"]));
    expect(new Set(pieces.map(({ tier }) => tier))).toEqual(new Set(["free", "premium"]));
  });

  it("names each piece once, and nothing that is not in the public domain", () => {
    expect(new Set(pieces.map(({ id }) => id)).size).toBe(pieces.length);
    for (const { year } of pieces) expect(year).toBeLessThanOrEqual(1930);
  });
});

describe("Building the demo library", () => {
  it("makes the same bytes on every run, with true tags, a cover and sound, and nothing else", async () => {
    const [one, two] = [await createFolder(), await createFolder()];
    const heard: string[] = [];
    const onProgress = (done: number, total: number, title: string) =>
      heard.push(`${done}/${total} ${title}`);
    const tracks = await buildDemoLibrary({ folder: one, only: 3, onProgress });
    const again = await buildDemoLibrary({ folder: two, only: 3 });
    expect(again.map(({ sha256 }) => sha256)).toEqual(tracks.map(({ sha256 }) => sha256));
    expect(heard.map((line) => line.split(" ")[0])).toEqual(["1/3", "2/3", "3/3"]);
    expect((await readdir(one)).sort()).toEqual(
      ["manifest.json", ...tracks.map(({ fileName }) => fileName)].sort(),
    );
    expect(new Set(tracks.map(({ contentType }) => contentType)).size).toBeGreaterThan(1);
    for (const track of tracks) await check(track);
  }, 60_000);

  it("takes up what is there, and makes what was lost again", async () => {
    const folder = await createFolder();
    const [track] = await buildDemoLibrary({ folder, only: 1 });
    const made: string[] = [];
    const onProgress = (_done: number, _total: number, title: string) => made.push(title);
    await buildDemoLibrary({ folder, only: 1, onProgress });
    expect(made).toEqual([]);
    await rm(track?.path ?? "");
    const [again] = await buildDemoLibrary({ folder, only: 1, onProgress });
    expect(made).toEqual([track?.title]);
    expect(again?.sha256).toBe(track?.sha256);
  }, 60_000);

  it("ends at once when it is called off, and leaves nothing half-made", async () => {
    const folder = await createFolder();
    const stop = new AbortController();
    const building = buildDemoLibrary({
      folder,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error("called off")),
    });
    await expect(building).rejects.toThrow("called off");
    const names = (await readdir(folder)).filter((name) => name !== "manifest.json");
    expect(names.length).toBeGreaterThan(0);
    const whole = (name: string) => entries().some(({ piece }) => name === `${piece.id}.${piece.format}`);
    expect(names.filter((name) => !whole(name))).toEqual([]);
  }, 60_000);
});

/** A track is what its tags say, and Encore takes it in. */
async function check(track: DemoTrack): Promise<void> {
  const bytes = await readFile(track.path);
  const { common } = await parseBuffer(bytes);
  expect(common).toMatchObject({
    title: track.title,
    artist: track.artist,
    album: track.album,
    year: track.year,
    track: { no: track.track },
  });
  expect(common.picture?.[0]?.format).toBe("image/jpeg");
  expect(track.durationSeconds).toBeGreaterThanOrEqual(30);
  expect(track.durationSeconds).toBeLessThanOrEqual(180);
  const body = (async function* () {
    yield bytes;
  })();
  const inspected = await inspector.inspect(body, { sizeBytes: bytes.length, sha256: track.sha256 });
  expect(inspected).toMatchObject({ title: track.title, contentType: track.contentType });
  expect(inspected.durationSeconds).toBeCloseTo(track.durationSeconds, 1);
}
