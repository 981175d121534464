import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAudioInspector } from "../../../lambdas/audio/inspect.ts";
import { launchBrowser } from "../../support/browser.ts";
import { sampleAudio } from "../../support/sample-audio.ts";

const inspector = createAudioInspector();

const seconds = 34;

let browser: Browser;
let page: Page;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-previews-"));
  browser = await launchBrowser();
  page = await browser.newPage();
}, 60_000);

afterAll(async () => {
  await inspector.close();
  await browser.close();
  await rm(folder, { recursive: true });
});

async function previewOf(file: Buffer): Promise<Buffer> {
  const sha256 = createHash("sha256").update(file).digest("hex");
  const body = (async function* () {
    yield file;
  })();
  const { preview } = await inspector.inspect(body, { sizeBytes: file.length, sha256 });
  return Buffer.from(preview.bytes);
}

/** What a browser makes of a file, and how far that is from what it makes of the beginning of another. */
function compare(preview: Buffer, file: Buffer) {
  return page.evaluate(
    async ([first = "", second = ""]) => {
      const decode = async (base64: string) => {
        const bytes = await (await fetch(`data:audio/any;base64,${base64}`)).arrayBuffer();
        return new OfflineAudioContext(2, 1, 44_100).decodeAudioData(bytes);
      };
      const [heard, whole] = [await decode(first), await decode(second)];
      const [a, b] = [heard.getChannelData(0), whole.getChannelData(0)];
      const differenceAt = (lead: number, from: number, to: number) => {
        let most = 0;
        for (let at = from; at < to; at++)
          most = Math.max(most, Math.abs((a[at + lead] ?? 0) - (b[at] ?? 0)));
        return most;
      };
      // An encoder's delay is left out where its file tells of it, as LAME's do and previews do not: at most 50 ms.
      let lead = 0;
      while (lead < 2_205 && differenceAt(lead, 44_100, 44_600) > 1e-6) lead += 1;
      // The last frames of a lossy file fade, since nothing follows that they overlap.
      const difference = differenceAt(lead, 2_205, a.length - lead - 4_608);
      return { seconds: heard.duration, lead, difference };
    },
    [preview.toString("base64"), file.toString("base64")],
  );
}

async function expectBeginning(file: Buffer): Promise<void> {
  const found = await compare(await previewOf(file), file);
  expect(found.difference).toBe(0);
  expect(found.seconds).toBeGreaterThanOrEqual(30);
  expect(found.seconds).toBeLessThan(30.1);
}

describe("A preview, as a browser decodes it", () => {
  it.each(["mp3", "flac", "ogg", "m4a", "wav"] as const)("is the beginning of a %s", async (format) => {
    await expectBeginning(await sampleAudio({ format, seconds }));
  });
});

const ffmpegIsThere = await promisify(execFile)("ffmpeg", ["-version"]).then(
  () => true,
  () => false,
);

/** No package of npm encodes these, so they are tried where ffmpeg is there. */
describe.skipIf(!ffmpegIsThere)("A preview of a file that ffmpeg encoded", () => {
  it.each([
    ["AAC in MP4", "song.m4a", "aac"],
    ["Opus in Ogg", "song.opus", "libopus"],
    ["24-bit FLAC", "song.flac", "flac", "-sample_fmt", "s32"],
    ["MP3 of variable rate", "song.mp3", "libmp3lame", "-q:a", "2"],
  ])("is the beginning: %s", async (_name, fileName, codec, ...options) => {
    const path = join(folder, `${codec}-${fileName}`);
    const noise = `anoisesrc=d=${seconds}:c=pink:r=44100:a=0.3:s=7`;
    const args = ["-v", "error", "-f", "lavfi", "-i", noise, "-ac", "2", "-c:a", codec, ...options, path];
    await promisify(execFile)("ffmpeg", args);
    await expectBeginning(await readFile(path));
  });
});
