import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Session } from "../../../../core/contract/accounts.ts";
import type { SongPage } from "../../../../core/contract/catalogue.ts";
import { signIn } from "../../../../infra/local/import/api.ts";
import { uploadFile } from "../../../../infra/local/import/upload-file.ts";
import type { Encore } from "../../../../infra/local/start.ts";
import { loginAt } from "../../../support/api-client.ts";
import { startTestEncore } from "../../../support/encore.ts";
import { type SampleAudio, sampleAudio } from "../../../support/sample-audio.ts";
import { samplePicture } from "../../../support/sample-picture.ts";

let encore: Encore;
beforeAll(async () => {
  encore = await startTestEncore();
});
afterAll(() => encore.close());

async function createFolder(files: Record<string, SampleAudio | Buffer | string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-import-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    const isBytes = typeof content === "string" || Buffer.isBuffer(content);
    await writeFile(join(folder, name), isBytes ? content : await sampleAudio(content));
  }
  return folder;
}

function spawnImport(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["infra/local/import/main.ts", ...args], {
    env: { PATH: process.env.PATH, ENCORE_URL: encore.url, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = Promise.all([
    child.stdout.toArray().catch(() => []),
    child.stderr.toArray(),
    once(child, "exit"),
  ]).then(([stdout, stderr, [code]]) => ({
    code: code as number | null,
    lines: Buffer.concat(stdout).toString().trim().split("\n"),
    stderr: Buffer.concat(stderr).toString().trim(),
  }));
  return { child, output };
}

const runImport = (args: readonly string[], env?: Record<string, string>) => spawnImport(args, env).output;

async function songsNamed(text: string) {
  const listener = await loginAt(encore.url, "listener@example.com", "encore-demo-password");
  return (await listener.get<SongPage>(`/api/songs?title=${encodeURIComponent(text)}`)).items;
}

describe("npm run import", () => {
  it("brings every format in by its tags, tells of bad files and goes on, and skips what is there", async () => {
    const tags = { artist: "The Sines", album: "Tones", trackNumber: 3 };
    const cut = (await sampleAudio({ format: "flac", seconds: 20, tone: 300 })).subarray(0, 20_000);
    const folder = await createFolder({
      "albums/one.mp3": { tone: 310, seconds: 2, tags: { ...tags, title: "目覚めの歌" } },
      "albums/two.flac": { format: "flac", tone: 320, seconds: 1.5, tags: { ...tags, title: "Деревня" } },
      "three.ogg": { format: "ogg", tone: 330, tags: { ...tags, title: "Größe" } },
      "four.m4a": { format: "m4a", tone: 340, tags: { ...tags, title: "Moov last" } },
      "a name_of its own.wav": { format: "wav", tone: 350, seconds: 1.25 },
      "noise.mp3": Buffer.from(Array.from({ length: 40_000 }, (_, at) => (at * 7919) % 251)),
      "cut.flac": cut,
      "empty.ogg": "",
      "albums/Cover.JPG": await samplePicture(),
      "cover.jpg": "no picture",
      "song.wma": "?",
    });

    const first = await runImport([folder]);
    expect(first.lines.slice(0, -1)).toEqual([
      expect.stringContaining(
        "a name_of its own.wav: a name of its own, Unknown artist (cover.jpg is not its cover: ",
      ),
      expect.stringContaining("albums/one.mp3: 目覚めの歌, The Sines (cover: Cover.JPG)"),
      expect.stringContaining("albums/two.flac: Деревня, The Sines"),
      expect.stringMatching(/cut\.flac: not taken\. .*(cut off|damaged)/),
      expect.stringContaining("empty.ogg: not taken. The file is empty"),
      expect.stringContaining("four.m4a: Moov last, The Sines"),
      expect.stringMatching(/noise\.mp3: not taken\. This is no MP3/),
      expect.stringContaining("song.wma: not taken. Encore does not take Windows Media Audio"),
      expect.stringContaining("three.ogg: Größe, The Sines"),
    ]);
    expect(first.lines.at(-1)).toBe("9 files: 5 added, 0 there already, 4 not taken");
    expect(first.code).toBe(1);

    const [song] = await songsNamed("目覚め");
    expect(song).toMatchObject({
      title: "目覚めの歌",
      artist: "The Sines",
      album: "Tones",
      track: 3,
      tier: "free",
      coverUrl: expect.any(String),
    });
    expect(song?.durationSeconds).toBeCloseTo(2, 1);
    const [untagged] = await songsNamed("a name of");
    expect(untagged?.durationSeconds).toBeCloseTo(1.25, 2);

    const again = await runImport([folder]);
    expect(again.lines.at(-1)).toBe("9 files: 0 added, 5 there already, 4 not taken");
  });

  it("gives a song the audio of a file, and tells that there is no such song", async () => {
    const folder = await createFolder({
      "before/one.mp3": { tone: 321, tags: { title: "Before and after" } },
      "after.flac": { format: "flac", tone: 322, seconds: 2 },
    });
    await runImport([join(folder, "before")]);
    const [song] = await songsNamed("Before and after");
    const songId = song?.songId ?? "";
    const replaced = await runImport([join(folder, "after.flac"), "--replace", songId]);
    expect(replaced).toMatchObject({ code: 0, stderr: "" });
    expect(replaced.lines[0]).toContain("Before and after");
    const [after] = await songsNamed("Before and after");
    expect(after).toMatchObject({ songId, contentType: "audio/flac", tier: song?.tier });

    const unknown = await runImport([join(folder, "after.flac"), "--replace", "nobody"]);
    expect(unknown).toMatchObject({
      code: 1,
      lines: [expect.stringContaining("There is no such song"), expect.anything()],
    });
  });

  it("ends well where all is taken, and leaves no session behind", async () => {
    const folder = await createFolder({ "x.mp3": { tone: 410, tags: { title: "Premium tone" } } });
    const { code, lines } = await runImport([folder, "--tier", "premium"]);
    expect(lines.at(-1)).toBe("1 files: 1 added, 0 there already, 0 not taken");
    expect(code).toBe(0);
    expect((await songsNamed("Premium tone"))[0]?.tier).toBe("premium");
    const curator = await loginAt(encore.url, "curator@example.com", "encore-demo-password");
    const { items } = await curator.get<{ items: Session[] }>("/api/me/sessions");
    expect(items.filter(({ deviceName }) => deviceName === "Import")).toEqual([]);
  });

  it("does not send parts again that the store has", async () => {
    const folder = await createFolder({ "long.wav": { format: "wav", seconds: 110, tone: 420 } });
    const path = join(folder, "long.wav");
    const api = await signIn(encore.url, "curator@example.com", "encore-demo-password");
    const broken = new Error("the line broke");
    const stop = new AbortController();
    const stopAfterFirst = { onBytes: () => stop.abort(broken), signal: stop.signal };
    const file = { path, contentType: "audio/wav" };
    await expect(uploadFile(api, file, stopAfterFirst)).rejects.toThrow(broken);

    let missing = 0;
    const outcome = await uploadFile(
      {
        complete: api.complete,
        async start(input) {
          const started = await api.start(input);
          if (started.status !== "open") throw new Error("it is there already");
          missing = started.upload.parts.filter(({ uploaded }) => !uploaded).length;
          expect(started.upload.parts).toHaveLength(3);
          // Another request with one of these is refused.
          const parts = started.upload.parts.map((part) =>
            part.uploaded ? { ...part, url: "http://127.0.0.1:9/" } : part,
          );
          return { ...started, upload: { ...started.upload, parts } };
        },
      },
      file,
    );
    expect(missing).toBeLessThan(3);
    expect(outcome).toMatchObject({ status: "added", song: { durationSeconds: 110 } });
    await api.signOut();
  });

  it("can be interrupted, and says that it goes on where it was", async () => {
    const long = await sampleAudio({ format: "wav", seconds: 110, tone: 430 });
    const folder = await createFolder({ "0.mp3": { tone: 440 } });
    const names = Array.from({ length: 8 }, (_, at) => `long${at}.wav`);
    for (const [at, name] of names.entries())
      await writeFile(join(folder, name), Buffer.concat([long, Buffer.from([at])]));
    const { child, output } = spawnImport([folder]);
    child.stdout.once("data", () => child.kill("SIGINT"));
    const { code, stderr, lines } = await output;
    expect(stderr).toBe("Interrupted; the same command goes on where it was");
    expect(code).toBe(130);
    const [, added, left] =
      /^9 files: (\d) added, 0 there already, 0 not taken, (\d) not tried$/.exec(lines.at(-1) ?? "") ?? [];
    expect(Number(added)).toBeGreaterThan(0);
    expect(Number(added) + Number(left)).toBe(9);
    expect(lines).toHaveLength(Number(added) + 1);

    const unread = spawnImport([folder]);
    unread.child.stdout.once("data", () => unread.child.stdout.destroy());
    expect(await unread.output).toMatchObject({ code: 130, stderr });
  });
});

describe("npm run import says in one line why it cannot run", () => {
  it.each([
    ["no folder is named", [], {}, /^Name a folder\.\n\nUsage:/],
    ["there is no music", ["docs"], {}, /^There is no music in docs$/],
  ] as const)("%s", async (_, args, env, message) => {
    const { code, stderr } = await runImport([...args], env);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it.each([
    ["nothing answers", { ENCORE_URL: "http://127.0.0.1:9" }, /^Encore does not answer at .*npm start/],
    ["the password is wrong", { ENCORE_PASSWORD: "wrong" }, /^The e-mail address or the password is wrong$/],
    [
      "the account is no curator's",
      { ENCORE_EMAIL: "listener@example.com" },
      /^Only the role curator may do this$/,
    ],
  ])("%s", async (_, env, message) => {
    const folder = await createFolder({ "x.mp3": { tone: 500 } });
    const { code, stderr } = await runImport([folder], env);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it("what answers is something else", async () => {
    const other: Server = createServer((_, response) => response.writeHead(404).end("no")).listen(
      0,
      "127.0.0.1",
    );
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const folder = await createFolder({ "x.mp3": { tone: 500 } });
    const { code, stderr } = await runImport([folder], { ENCORE_URL: `http://127.0.0.1:${port}` });
    expect(stderr).toMatch(/^What answers at .* is not Encore \(404\); set ENCORE_URL/);
    expect(code).toBe(2);
  });

  it("shows help", async () => {
    const { code, lines } = await runImport(["--help"]);
    expect(lines[0]).toBe("Usage: npm run import -- FOLDER... [--tier free|premium]");
    expect(code).toBe(0);
  });
});
