import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { findMusic } from "../../../../infra/local/import/find-files.ts";
import { asNobody } from "../../../support/as-nobody.ts";
import { sampleAudio } from "../../../support/sample-audio.ts";

async function createFolder(files: Record<string, string | Buffer> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-find-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** What is found, a line a file: its name, and why it cannot be taken. */
const find = async (...paths: string[]): Promise<string[]> =>
  (await findMusic(paths)).map(({ name, problem }) => (problem === undefined ? name : `${name}: ${problem}`));

const textOf = (...bytes: number[]) => Buffer.from(bytes);
const aiff = Buffer.from("FORM\0\0\0\0AIFFCOMM");

describe("The music of a folder", () => {
  it("has files whose names are no UTF-8, or would write to the terminal", async () => {
    const folder = await createFolder();
    const names = [
      [0x62, 0x6a, 0xf6, 0x72, 0x6b],
      [0x93, 0xc3, 0xa9, 0xff],
      [0x61, 0x1b, 0x5b, 0x32, 0x4a, 0x0a],
    ];
    for (const name of names)
      await writeFile(Buffer.concat([Buffer.from(`${folder}/`), textOf(...name), Buffer.from(".mp3")]), "x");
    await writeFile(join(folder, "a\u202egnp.mp3"), "x");
    expect(await find(folder)).toEqual([
      String.raw`a\x1b[2J\x0a.mp3`,
      String.raw`a\u{202e}gnp.mp3`,
      String.raw`bj\xf6rk.mp3`,
      String.raw`\x93é\xff.mp3`,
    ]);
    for (const { path } of await findMusic([folder])) expect((await readFile(path)).length).toBe(1);
  });

  it("comes by links, each file and folder once, and loops end", async () => {
    const folder = await createFolder({ "real/one.mp3": "1" });
    const elsewhere = await createFolder({ "two.mp3": "2", "dir/three.mp3": "3" });
    await symlink(join(elsewhere, "two.mp3"), join(folder, "a two.mp3"));
    await symlink(join(elsewhere, "dir"), join(folder, "dir"));
    await symlink(join(elsewhere, "dir"), join(folder, "dir again"));
    await symlink(".", join(folder, "loop"));
    await symlink("../real", join(folder, "real", "loop"));
    await symlink("real/one.mp3", join(folder, "an alias.mp3"));
    await symlink("b.mp3", join(folder, "b.mp3"));
    await symlink("nowhere.mp3", join(folder, "gone.mp3"));
    await symlink("nowhere", join(folder, "gone"));
    await symlink("nowhere.jpg", join(folder, "cover.jpg"));
    expect(await find(folder)).toEqual([
      "a two.mp3",
      "b.mp3: It cannot be read: it is a link that leads to itself",
      expect.stringMatching(/^dir( again)?\/three\.mp3$/),
      "gone: It is a link to what is not there",
      "gone.mp3: It is a link to what is not there",
      "real/one.mp3",
    ]);
  });

  it("has names that begin with dots, and none of what systems leave behind", async () => {
    const mp3 = await sampleAudio({ seconds: 0.2 });
    const fork = Buffer.from("\0\x05\x16\x07xxxx", "latin1");
    const folder = await createFolder({
      "...And Music/01.mp3": "1",
      "...But One.mp3": "1",
      ".38 Special/02.mp3": "1",
      ".hidden.mp3": "1",
      "._taken.mp3": mp3,
      "lost+found/#1234": mp3,
      "._01.mp3": fork,
      "._02.mp3": "",
      "._03.wma": fork,
      ".DS_Store": "?",
      "Thumbs.db": "?",
      "desktop.ini": "?",
      ".Trash-1000/files/old.mp3": "1",
      "$RECYCLE.BIN/old.mp3": "1",
      "a/@eaDir/01.mp3": "1",
      ".git/x.mp3": "1",
      "System Volume Information/x.mp3": "1",
    });
    expect(await find(folder)).toEqual([
      "...And Music/01.mp3",
      "...But One.mp3",
      ".38 Special/02.mp3",
      "._taken.mp3",
      ".hidden.mp3",
      "lost+found/#1234",
    ]);
  });

  it("is named where Encore does not take it, with what to do", async () => {
    const endings =
      "aac wma m4b aiff AIF ape wv dsf dff mpc tta mka webm mid mod ra amr au caf m4p spx ac3 dts mp2 w64 xm aax icloud part";
    const files = endings.split(" ").map((ending) => [`x.${ending}`, "?"]);
    const folder = await createFolder(Object.fromEntries([...files, ["x.txt", "?"], ["x.mkv", "?"]]));
    const found = await find(folder);
    expect(found).toHaveLength(files.length);
    for (const line of found) expect(line).toMatch(/^x\.\w+: Encore does not take [\w ,'-]+; \w/i);
    expect(found).toContain(
      "x.wma: Encore does not take Windows Media Audio; convert it to FLAC, M4A or MP3",
    );
    expect(found).toContain("x.m4b: Encore does not take audio books; where it is a song, rename it to .m4a");
  });

  it("is known by its first bytes where its name says nothing, or something else", async () => {
    const tags = { title: "Tagged" };
    const m4a = await sampleAudio({ format: "m4a" });
    const box = (type: string, content: string) => {
      const bytes = Buffer.from(`\0\0\0\0${type}${content}`);
      bytes.writeUInt32BE(bytes.length);
      return bytes;
    };
    const tracks = ["soun", "vide"].map((handler) => box("hdlr", `\0\0\0\0\0\0\0\0${handler}`));
    // Its size stands behind its name, in 64 bits.
    const endless = Buffer.concat([
      box("ftyp", "isom"),
      Buffer.from("\0\0\0\x01mdat"),
      Buffer.alloc(8, 0x7f),
    ]);
    const film = Buffer.concat([box("ftyp", "isom"), box("moov", Buffer.concat(tracks).toString())]);
    const folder = await createFolder({
      "a.MP3": "1",
      "b.FLaC": "1",
      "c.OPUS": "1",
      "mp3 without end": await sampleAudio({}),
      "tagged.mp3 ": await sampleAudio({ tags }),
      "flac.bak": await sampleAudio({ format: "flac" }),
      "ogg.old": await sampleAudio({ format: "ogg" }),
      "m4a.": m4a,
      "song.mp4": m4a,
      "film.mp4": film,
      "endless.mp4": endless,
      "cut.mp4": m4a.subarray(0, 40),
      "wav.bin": await sampleAudio({ format: "wav" }),
      ...Object.fromEntries(["RF64", "BW64", "RIFX"].map((kind) => [`${kind}.bin`, `${kind}\0\0\0\0WAVE`])),
      "flac.aac": await sampleAudio({ format: "flac" }),
      "m4a.m4b": m4a,
      "unfinished.part": await sampleAudio({}),
      "aiff.dat": aiff,
      wma: Buffer.from("3026b2758e66cf11", "hex"),
      "utf-16": Buffer.from("\ufefftext", "utf16le"),
      text: "text",
      "id3.txt": "ID3v2 is a kind of tag",
      "song.txt": await sampleAudio({ tags }),
      "wma.txt": Buffer.from("3026b2758e66cf11", "hex"),
      nothing: "",
      "one byte": "1",
    });
    expect(await find(folder)).toEqual([
      ...["BW64.bin", "RF64.bin", "RIFX.bin"],
      ...["a.MP3", "aiff.dat: Encore does not take AIFF; convert it to FLAC, M4A or MP3"],
      ...["b.FLaC", "c.OPUS", "flac.aac", "flac.bak", "m4a."],
      "m4a.m4b: Encore does not take audio books; where it is a song, rename it to .m4a",
      ...["mp3 without end", "ogg.old", "song.mp4", "song.txt", "tagged.mp3 "],
      "unfinished.part: Encore does not take downloads; it is not whole yet: fetch all of it first",
      ...["wav.bin", "wma: Encore does not take Windows Media; convert it to FLAC, M4A or MP3"],
    ]);
  });

  it("is told where it cannot be read, and the rest is there", async () => {
    const folder = await createFolder({
      "good.mp3": "1",
      "closed.mp3": "1",
      "closed.jpg": "1",
      closed: "1",
      "closed folder/x.mp3": "1",
      "names only/y.mp3": "1",
      "names only/cover.jpg": "1",
    });
    await chmod(folder, 0o755);
    const modes = { "closed.mp3": 0, "closed.jpg": 0, closed: 0, "closed folder": 0, "names only": 0o744 };
    for (const [name, mode] of Object.entries(modes)) await chmod(join(folder, name), mode);
    const closed = "It cannot be read: this user may not read it";
    expect(await asNobody(() => find(folder))).toEqual([
      `closed: ${closed}`,
      `closed folder: ${closed}`,
      // By its name it is music; that it cannot be read shows when it is sent.
      "closed.mp3",
      "good.mp3",
      `names only/y.mp3: ${closed}`,
    ]);
  });

  it("is no pipe and no socket, and to ask what one is does not wait for its writer", async () => {
    const folder = await createFolder({ "song.mp3": "1" });
    await promisify(execFile)("mkfifo", [join(folder, "pipe.mp3"), join(folder, "pipe")]);
    const server = createServer().listen(join(folder, "socket.flac"));
    await once(server, "listening");
    onTestFinished(() => void server.close());
    expect(await find(folder)).toEqual([
      "pipe.mp3: It is a pipe, a socket or a device",
      "socket.flac: It is a pipe, a socket or a device",
      "song.mp3",
    ]);
  });

  it("is found in several paths, each once, whether folder or file", async () => {
    const folder = await createFolder({ "a/one.mp3": "1", "b/two.mp3": "1" });
    const [a, two] = [join(folder, "a"), join(folder, "b/two.mp3")];
    expect(await find(two)).toEqual(["two.mp3"]);
    expect(await find(a, `${a}/`, two, folder)).toHaveLength(2);
    expect(await find(a, two)).toEqual([`${a}/one.mp3`, two]);
  });

  it("is found as deep and under names as long as the system has", async () => {
    const folder = await createFolder();
    const [long, deep] = ["n".repeat(251), Array.from({ length: 300 }, () => "d").join("/")];
    await mkdir(join(folder, deep), { recursive: true });
    await writeFile(join(folder, deep, "x.mp3"), "1");
    await writeFile(join(folder, `${long}.mp3`), "1");
    expect(await find(folder)).toEqual([`${deep}/x.mp3`, `${long}.mp3`]);
  });

  it("is not looked for any longer when the import is interrupted", async () => {
    const folder = await createFolder({ "x.mp3": "1" });
    await expect(findMusic([folder], AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
  });
});
