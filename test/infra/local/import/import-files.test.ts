import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { maxUploadBytes } from "../../../../core/contract/uploads.ts";
import { findMusic, type MusicFile } from "../../../../infra/local/import/find-files.ts";
import type { ImportOutcome } from "../../../../infra/local/import/import-file.ts";
import { type ImportApi, importFiles } from "../../../../infra/local/import/import-files.ts";
import { createReporter, describeSummary } from "../../../../infra/local/import/reporter.ts";
import { Unreachable } from "../../../../infra/local/import/request.ts";
import { asNobody } from "../../../support/as-nobody.ts";

/** An Encore that has every file already. */
const full: ImportApi = {
  start: async () => ({ status: "exists", songId: "song" }),
  complete: () => Promise.reject(new Error("There is nothing to complete")),
  song: () => Promise.reject(new Error("It need not be asked for")),
  putCover: () => Promise.reject(new Error("There is no cover")),
};

async function createFolder(names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-import-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of names) await writeFile(join(folder, name), name);
  return folder;
}

async function importAll(api: ImportApi, files: readonly MusicFile[], signal = new AbortController().signal) {
  const outcomes: ImportOutcome[] = [];
  const reporter = {
    begin: () => {},
    bytes: () => {},
    processing: () => {},
    end: (_: MusicFile, outcome: ImportOutcome) => void outcomes.push(outcome),
  };
  return { summary: await importFiles(api, files, { tier: "free", signal, reporter }), outcomes };
}

it("says of what changed since it was found what became of it, and takes the others", async () => {
  const names = ["became a folder", "closed", "emptied", "gone", "became a pipe", "grown", "song"].map(
    (name) => `${name}.mp3`,
  );
  const folder = await createFolder(names);
  await chmod(folder, 0o755);
  const files = await findMusic([folder]);
  const [asFolder = "", closed = "", emptied = "", gone = "", pipe = "", grown = ""] = names.map((name) =>
    join(folder, name),
  );
  for (const path of [asFolder, gone, pipe]) await rm(path);
  await mkdir(asFolder);
  await promisify(execFile)("mkfifo", [pipe]);
  await writeFile(emptied, "");
  await truncate(grown, maxUploadBytes + 1);
  await chmod(closed, 0);
  const { summary, outcomes } = await asNobody(() => importAll(full, files));
  expect(summary).toEqual({ added: 0, existed: 1, failed: 6, left: 0 });
  expect(outcomes.map((outcome) => ("reason" in outcome ? outcome.reason : outcome.status))).toEqual([
    "It is a pipe, a socket or a device",
    "It is a pipe, a socket or a device",
    "It cannot be read: this user may not read it",
    "The file is empty",
    "It cannot be read: it is gone",
    "The file is larger than 512 MiB, the most that a song may have",
    "exists",
  ]);
});

it("says how far it came where Encore does not answer any more, or it is interrupted", async () => {
  const files = await findMusic([await createFolder(["a.mp3", "b.mp3", "c.mp3"])]);
  const stop = new AbortController();
  const secondTime = (then: () => void): ImportApi => {
    let starts = 0;
    return {
      ...full,
      async start(input) {
        starts += 1;
        if (starts === 2) then();
        return full.start(input);
      },
    };
  };
  const gone = new Unreachable("gone");
  const lost = secondTime(() => {
    throw gone;
  });
  const { summary } = await importAll(lost, files);
  expect(summary).toEqual({ added: 0, existed: 1, failed: 0, left: 2, stopped: gone });
  expect(describeSummary(summary)).toBe("3 files: 0 added, 1 there already, 0 not taken, 2 not tried");

  const interrupted = new Error("interrupted");
  const meanwhile = await importAll(
    secondTime(() => stop.abort(interrupted)),
    files,
    stop.signal,
  );
  expect(meanwhile.summary).toEqual({ added: 0, existed: 2, failed: 0, left: 1, stopped: interrupted });
});

it("announces a name that is no UTF-8 as what it most likely is", async () => {
  const folder = await createFolder([]);
  await writeFile(
    Buffer.concat([Buffer.from(`${folder}/bj`), Buffer.from([0xf6]), Buffer.from("rk.mp3")]),
    "1",
  );
  const announced: string[] = [];
  const api: ImportApi = {
    ...full,
    async start(input) {
      announced.push(input.fileName);
      return full.start(input);
    },
  };
  await importAll(api, await findMusic([folder]));
  expect(announced).toEqual(["björk.mp3"]);
});

it("names what failed on a terminal too, also at its very end", async () => {
  const files = await findMusic([await createFolder(["song.wma"])]);
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const reporter = createReporter(terminal, files);
  await importFiles(full, files, { signal: new AbortController().signal, reporter });
  reporter.stop();
  expect(String(terminal.read())).toContain("song.wma: not taken. Encore does not take Windows Media Audio");
});
