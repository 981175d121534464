import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SongPage } from "../../../../core/contract/catalogue.ts";
import type { SubscriptionPage, SubscriptionResult } from "../../../../core/contract/subscriptions.ts";
import type { BackupManifest } from "../../../../infra/local/backup/format.ts";
import { createProgress } from "../../../../infra/local/backup/progress.ts";
import { restore as restoreInto } from "../../../../infra/local/backup/restore.ts";
import { check } from "../../../../infra/local/check/check.ts";
import { editRows } from "../../../../infra/local/check/edit-rows.ts";
import { describeFinding } from "../../../../infra/local/check/finding.ts";
import { prepareDataDir } from "../../../../infra/local/data-dir.ts";
import { openTables } from "../../../../infra/local/dynamodb/open-tables.ts";
import { keptObjectsFile } from "../../../../infra/local/kept-objects.ts";
import { type ApiClient, registerAt } from "../../../support/api-client.ts";
import { type EncoreProcess, spawnEncore } from "../../../support/encore-process.ts";
import { runTool } from "../../../support/run-tool.ts";

let folder: string;
let encore: EncoreProcess;
let listener: ApiClient;
let songIds: string[];
/** The revisions that were acknowledged, and those that had been when the backup was begun. */
let acknowledged: number;
let before: number;
/** The subscriptions' epoch before any restore. */
let epoch: string;

const at = (...names: string[]) => join(folder, ...names);
const backUp = (name: string, dataDir = "data") =>
  runTool("infra/local/backup/main.ts", [at(name)], { DATA_DIR: at(dataDir) });
const restore = (name: string, dataDir: string, ...options: string[]) =>
  runTool("infra/local/restore/main.ts", [at(name), ...options], { DATA_DIR: at(dataDir) });
const start = (dataDir: string) => spawnEncore({ DATA_DIR: at(dataDir), DEMO_TRACKS: "1" });

/** Subscribes and changes, song after song, so that the newest revision of each song is known. */
async function write(): Promise<void> {
  const songId = songIds[acknowledged % songIds.length];
  const answer = await listener.request("PUT", `/api/subscriptions/${songId}`, { tags: [`${acknowledged}`] });
  const result = (await answer.json()) as SubscriptionResult;
  epoch = result.epoch;
  acknowledged = result.revision;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-backup-"));
  encore = await start("data");
  listener = await registerAt(encore.url);
  songIds = (await listener.get<SongPage>("/api/songs")).items.map(({ songId }) => songId);
  acknowledged = 0;
  while (acknowledged < 5) await write();
  before = acknowledged;
  const backup = backUp("backup");
  let isMade = false;
  backup.finally(() => {
    isMade = true;
  });
  while (!isMade) await write();
  expect(await backup).toMatchObject({ code: 0, stdout: expect.stringContaining("rows") });
}, 120_000);
afterAll(async () => {
  await encore.end("SIGTERM");
  await rm(folder, { recursive: true, force: true });
});

/** Asks a restored Encore as the listener, whose token of before is good. */
const ask = async <T>(url: string, path: string): Promise<T> => {
  const answer = await fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${listener.accessToken}` },
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
};

describe("A backup that was made while Encore runs and is written to", () => {
  it("is whole by its own checksums, for its owner alone, and holds nothing of the process", async () => {
    const manifest = JSON.parse(await readFile(at("backup", "manifest.json"), "utf8")) as BackupManifest;
    expect(manifest).toMatchObject({ format: 1, missing: [], bucket: "encore-music" });
    expect((await readdir(at("backup"))).sort()).toEqual([
      "SHA256SUMS",
      "demo-library.json",
      "manifest.json",
      "s3",
      "secrets.json",
      "tables.ndjson.gz",
    ]);
    expect((await stat(at("backup"))).mode & 0o777).toBe(0o700);
    expect((await stat(at("backup", "secrets.json"))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["backup", "data"]);
  });

  it("restores to a state that was, with all that was acknowledged before it", async () => {
    expect(await restore("backup", "restored")).toMatchObject({ code: 0 });
    const restored = await start("restored");
    const list = await ask<SubscriptionPage>(restored.url, "/api/subscriptions");
    const { revision } = list;
    expect(revision).toBeGreaterThanOrEqual(before);
    expect(revision).toBeLessThanOrEqual(acknowledged);
    // Head and row are of the same change.
    const item = { songId: songIds[0], revision, tags: [`${revision - 1}`] };
    expect(list).toMatchObject({
      items: [item],
    });

    // A device that was told more, or as much, takes the restored list.
    expect(list.epoch).not.toBe(epoch);
    const since = `/api/subscriptions?since=${acknowledged}&epoch=${epoch}`;
    expect(await ask(restored.url, since)).toMatchObject({ epoch: list.epoch, revision, items: [{}] });

    const [song] = (await ask<SongPage>(restored.url, "/api/songs")).items;
    const found = await ask<SongPage>(restored.url, `/api/songs?q=${encodeURIComponent(song?.title ?? "")}`);
    expect(found.items.map(({ songId }) => songId)).toContain(song?.songId);
    for (const songId of songIds) {
      const headers = { authorization: `Bearer ${listener.accessToken}` };
      const audio = await fetch(`${restored.url}/stream/${songId}`, { headers });
      expect([audio.status, (await audio.arrayBuffer()).byteLength]).toEqual([
        200,
        Number(audio.headers.get("content-length")),
      ]);
    }

    // Backed up again while it does not run, and restored over itself.
    expect(await restored.end("SIGTERM")).toBe(0);
    expect(await backUp("stopped", "restored")).toMatchObject({ code: 0 });
    expect(await restore("stopped", "restored")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^\S+ has data; add --replace .*\n$/m),
    });
    // What a restore that was cut has left.
    await mkdir(at("restored.restoring-cut"));
    const replaced = await restore("stopped", "restored", "--replace", "--end-sessions");
    expect((await readdir(at("."))).filter((name) => name.includes("restoring"))).toEqual([]);
    expect(replaced).toMatchObject({ code: 0, stdout: expect.stringContaining("restored.replaced-") });
    const keys: string[] = [];
    const tables = await openTables(at("restored", "dynamodb"));
    for await (const [key] of tables.entries({ gt: "i", lt: "j" })) keys.push(key.split("~")[0] ?? "");
    await tables.close();
    expect(keys).toContain("item-encore-login");
    expect(keys).not.toContain("item-encore-session");
  }, 120_000);

  it("is not restored over an Encore that runs, nor made over what is there", async () => {
    expect(await restore("backup", "data", "--replace")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Another Encore .* uses this data folder/m),
    });
    expect(await backUp("backup")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is there already; name another place\n$/),
    });
  });
});

/** Changes one bit in the middle of a file, and of no file that shares its bytes by a link. */
const flip = async (path: string) => {
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await rm(path);
  await writeFile(path, bytes);
};

describe("What is damaged is refused, and leaves nothing", () => {
  async function expectRefusal(damage: (copy: string) => Promise<void>, reason: RegExp): Promise<void> {
    await cp(at("backup"), at("copy"), { recursive: true });
    await damage(at("copy"));
    await mkdir(at("never"), { recursive: true });
    const options = { replace: true, endSessions: false, signal: new AbortController().signal };
    const output = new PassThrough().resume();
    const restoring = restoreInto({
      backup: at("copy"),
      dataDir: at("never"),
      progress: createProgress(output),
      ...options,
    });
    await expect(restoring).rejects.toThrow(reason);
    await rm(at("copy"), { recursive: true });
    expect((await readdir(folder)).filter((name) => name.startsWith("never"))).toEqual(["never"]);
    expect(await readdir(at("never"))).toEqual([]);
  }
  it("a backup that was cut", () =>
    expectRefusal((copy) => rm(join(copy, "manifest.json")), /is no whole backup: it has no manifest.json/));
  it("a flipped bit in the tables", () =>
    expectRefusal(
      (copy) => flip(join(copy, "tables.ndjson.gz")),
      /The backup is damaged: \S+tables.ndjson.gz/,
    ));
  it("a flipped bit in a song", () =>
    expectRefusal(async (copy) => {
      const [file] = await readdir(join(copy, "s3", "data"));
      await flip(join(copy, "s3", "data", file ?? ""));
    }, /The backup is damaged: \S+s3\/data/));
  it("a missing file", () =>
    expectRefusal((copy) => rm(join(copy, "secrets.json")), /The backup is damaged: \S+secrets.json/));
});

describe("A check of a folder that was restored", () => {
  let at: (...names: string[]) => string;
  beforeEach(async () => {
    const name = await mkdtemp(join(folder, "checked-"));
    at = (...names) => join(name, ...names);
    const options = { replace: false, endSessions: false, signal: new AbortController().signal };
    const progress = createProgress(new PassThrough().resume());
    await restoreInto({ backup: join(folder, "backup"), dataDir: name, progress, ...options });
  });

  async function checkFolder(repair = false) {
    const dataDir = await prepareDataDir(at());
    try {
      const { findings } = await check({
        dataDir,
        repair,
        tablePrefix: "encore-",
        bucket: "encore-music",
        onStep: () => {},
        onObject: () => {},
        signal: new AbortController().signal,
      });
      return findings.map(describeFinding);
    } finally {
      await dataDir.release();
    }
  }
  /** Changes a row of the listener's list behind the tables. */
  async function edit(sk: string, set: Record<string, unknown>): Promise<void> {
    const tables = await openTables(at("dynamodb"));
    for await (const [key, item] of tables.entries({ gt: "item-encore-subscription", lt: "item-encore-t" }))
      if ((item as { sk: { S: string } }).sk.S === sk) await editRows(tables, [{ key, set }]);
    await tables.close();
  }
  async function headNow(): Promise<Record<string, unknown>> {
    const tables = await openTables(at("dynamodb"));
    const heads: Record<string, unknown>[] = [];
    for await (const [, item] of tables.entries({ gt: "item-encore-subscription", lt: "item-encore-t" })) {
      const row = unmarshall(item as Parameters<typeof unmarshall>[0]);
      if (row.sk === "head") heads.push(row);
    }
    await tables.close();
    return heads[0] ?? {};
  }

  it("finds nothing where nothing is wrong", async () => {
    expect(await checkFolder()).toEqual([]);
    expect(await keptObjectsFile({ file: at })).toBeUndefined();
  });

  it("names the song whose bytes are damaged, and what to do", async () => {
    for (const file of await readdir(at("s3", "data"))) await flip(at("s3", "data", file));
    const found = await checkFolder();
    const audio = /^The audio of “.+” by .+ \(\w{26}\) is lost: .+; run npm run check -- --repair/;
    expect(found).toContainEqual(expect.stringMatching(audio));
    const mended = await checkFolder(true);
    const advice = new RegExp(`npm run import -- FILE --replace ${songIds[0]}$`);
    expect(mended).toContainEqual(expect.stringMatching(advice));
  });

  it("finds an object that is not there", async () => {
    for (const name of await readdir(at("s3", "buckets", "encore-music")))
      await rm(at("s3", "buckets", "encore-music", name));
    expect((await checkFolder()).join("\n")).toMatch(/The audio of .+ is lost: audio\/\S+ is not there/);
  });

  it("mends a head that counts wrong, and one that is behind its rows, in a new epoch", async () => {
    await edit("head", { count: 7 });
    expect(await checkFolder()).toEqual([
      expect.stringMatching(/has 1 songs, and its head counts 7; run npm/),
    ]);
    expect(await checkFolder(true)).toEqual([expect.stringMatching(/counts 7: its head was mended$/)]);
    expect(await checkFolder()).toEqual([]);
    const { epoch, headRevision } = await headNow();
    await edit("head", { headRevision: 2 });
    expect(await checkFolder(true)).toEqual([
      expect.stringMatching(/and its head is at 2: its head was mended$/),
    ]);
    expect(await headNow()).toMatchObject({
      headRevision,
      count: 1,
      epoch: expect.not.stringContaining(`${epoch}`),
    });
    expect(await checkFolder()).toEqual([]);
  });

  it("makes damaged tables anew, and gives new epochs where rows may be lost", async () => {
    const { epoch } = await headNow();
    const names = (await readdir(at("dynamodb"))).filter((name) => /\.(ldb|log)$/.test(name));
    for (const name of names)
      if ((await stat(at("dynamodb", name))).size > 0) await flip(at("dynamodb", name));
    expect((await checkFolder()).join("\n")).toMatch(/dynamodb: .+; run npm run check -- --repair/);
    expect((await checkFolder(true)).join("\n")).toMatch(/the tables were made anew with \d+ rows/);
    expect((await headNow()).epoch).not.toBe(epoch);
    // A song whose row is lost must not lose its bytes, too.
    expect(await keptObjectsFile({ file: at })).toBe(at("objects-kept"));
    expect(await checkFolder()).toEqual([]);
  });

  it("finds secrets that a full disk has cut", async () => {
    await writeFile(at("secrets.json"), "");
    expect(await checkFolder()).toEqual([expect.stringMatching(/secrets.json cannot be read; put it back/)]);
  });
});

it("A check is refused while Encore runs", async () => {
  const { code, stderr } = await runTool("infra/local/check/main.ts", [], { DATA_DIR: at("data") });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^Encore runs on \S+; stop it first/)]);
});
