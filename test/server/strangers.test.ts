import { execFile } from "node:child_process";
import { access, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signIn } from "../../infra/local/import/api.ts";
import { uploadFile } from "../../infra/local/import/upload-file.ts";
import type { Encore } from "../../infra/local/start.ts";
import { loginAt } from "../support/api-client.ts";
import { startTestEncore } from "../support/encore.ts";
import { type SampleFormat, sampleAudio } from "../support/sample-audio.ts";

/** Clients that know nothing of Encore, where this machine has them: they must find what they find in a file. */
const formats = ["mp3", "flac", "ogg", "m4a", "wav"] as const satisfies SampleFormat[];
const seconds = 12;

const isThere = await Promise.all(["curl", "ffmpeg", "mpv"].map(isInstalled));
const [curlIsThere, ffmpegIsThere, mpvIsThere] = isThere;

async function isInstalled(program: string): Promise<boolean> {
  const found = await Promise.all(
    (process.env.PATH ?? "").split(delimiter).map((folder) =>
      access(join(folder, program)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

let folder: string;
let encore: Encore;
let authorization: string;
const songs = new Map<SampleFormat, string>();

const fileOf = (format: SampleFormat) => join(folder, `song.${format}`);
const urlOf = (format: SampleFormat) => `${encore.url}/stream/${songs.get(format)}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-strangers-"));
  encore = await startTestEncore();
  const curator = await signIn(encore.url, "curator@example.com", "encore-demo-password");
  for (const [index, format] of formats.entries()) {
    await writeFile(fileOf(format), await sampleAudio({ format, seconds, tone: 300 + 50 * index }));
    const outcome = await uploadFile(curator, { path: fileOf(format), contentType: "audio/mpeg" });
    if (outcome.status === "added") songs.set(format, outcome.song.songId);
  }
  const { accessToken } = await loginAt(encore.url, "listener@example.com", "encore-demo-password");
  authorization = `Authorization: Bearer ${accessToken}`;
}, 60_000);

afterAll(async () => {
  await encore.close();
  await rm(folder, { recursive: true });
});

/** What a program wrote to its standard output. */
async function run(program: string, ...args: string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)(program, args, { encoding: "buffer", maxBuffer: 2 ** 26 });
  return stdout;
}

describe.skipIf(!curlIsThere)("curl", () => {
  const curl = (...args: string[]) => run("curl", "-sS", "--fail", "-H", authorization, ...args);

  it.each(formats)("gets a %s byte for byte", async (format) => {
    expect(await curl(urlOf(format))).toEqual(await readFile(fileOf(format)));
  });

  it("goes on with a download that was cut", async () => {
    const path = join(folder, "download");
    const content = await readFile(fileOf("flac"));
    await writeFile(path, content.subarray(0, 1234));
    await curl("-C", "-", "-o", path, urlOf("flac"));
    expect(await readFile(path)).toEqual(content);
  });

  it("gets the last bytes, and several ranges at once", async () => {
    const content = await readFile(fileOf("mp3"));
    expect(await curl("-r", "-100", urlOf("mp3"))).toEqual(content.subarray(-100));
    const several = await curl("-r", "0-9,100-109", urlOf("mp3"));
    expect(several.includes(content.subarray(0, 10))).toBe(true);
    expect(several.includes(content.subarray(100, 110))).toBe(true);
    expect(several.toString("latin1")).toContain(`Content-Range: bytes 100-109/${content.length}`);
  });

  it("need not fetch again what it has, by ETag and by date", async () => {
    const [path, etag] = [join(folder, "kept"), join(folder, "etag")];
    await curl("--etag-save", etag, "-R", "-o", path, urlOf("ogg"));
    const written = "%{http_code} %{size_download}";
    const byTag = await curl("--etag-compare", etag, "-o", join(folder, "none"), "-w", written, urlOf("ogg"));
    expect(String(byTag)).toBe("304 0");
    const byDate = await curl("-z", path, "-o", join(folder, "none"), "-w", written, urlOf("ogg"));
    expect(String(byDate)).toBe("304 0");
  });
});

describe.skipIf(!ffmpegIsThere)("ffmpeg", () => {
  const decode = (...input: string[]) =>
    run("ffmpeg", "-v", "error", "-xerror", ...input, "-f", "s16le", "-ac", "2", "-");
  const heard = (format: SampleFormat, ...options: string[]) =>
    decode(...options, "-headers", `${authorization}\r\n`, "-i", urlOf(format));

  it.each(formats)("hears a %s as it hears the file", async (format) => {
    const pcm = await heard(format);
    expect(pcm.equals(await decode("-i", fileOf(format)))).toBe(true);
    expect(pcm.length / 44_100 / 4).toBeGreaterThan(seconds - 0.1);
  });

  it.each(formats)("seeks in a %s as in the file", async (format) => {
    const seek = ["-ss", "7.5"];
    const pcm = await heard(format, ...seek);
    expect(pcm.equals(await decode(...seek, "-i", fileOf(format)))).toBe(true);
    expect(pcm.length).toBeGreaterThan(0);
  });
});

describe.skipIf(!mpvIsThere)("mpv", () => {
  it.each(formats)("plays a %s from the middle to its end", async (format) => {
    const pcm = join(folder, `heard-${format}.wav`);
    await run(
      "mpv",
      ...["--no-config", "--really-quiet", "--vid=no", "--start=6"],
      ...["--ao=pcm", `--ao-pcm-file=${pcm}`, `--http-header-fields=${authorization}`, urlOf(format)],
    );
    const { size } = await stat(pcm);
    expect(size / 44_100 / 4).toBeGreaterThan(seconds - 6 - 0.5);
  });
});
