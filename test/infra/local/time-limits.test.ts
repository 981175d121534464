import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { prepareDataDir } from "../../../infra/local/data-dir.ts";
import { startEngines } from "../../../infra/local/engines.ts";
import { describeOpenFiles, requireOpenFiles } from "../../../infra/local/open-files.ts";
import { createShutdown } from "../../../infra/local/shutdown.ts";
import { within } from "../../../infra/local/time-limit.ts";
import { explainListenError } from "../../../server/listen-error.ts";

/** Something that takes connections, and never says a word. */
async function startSilence(): Promise<string> {
  const server = createServer((socket) => onTestFinished(() => void socket.destroy())).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each(["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_S3"])(
  "an engine that %s names and that never answers ends the start, by name",
  async (variable) => {
    const folder = await mkdtemp(join(tmpdir(), "encore-limits-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const dataDir = await prepareDataDir(folder);
    const endpoint = await startSilence();
    const brief = { connectionTimeout: 50, requestTimeout: 50, throwOnRequestTimeout: true } as const;
    const start = startEngines({ [variable]: endpoint }, dataDir, brief);
    await expect(start).rejects.toThrow(
      `${variable}, which is ${endpoint}, accepts connections and does not answer: start an engine there, or leave`,
    );
    await dataDir.release();
  },
);

test("a part that hangs at the end is named, and keeps no other from ending", async () => {
  const ended: string[] = [];
  const shutdown = createShutdown(0.05);
  shutdown.add("the first", async () => ended.push("first"));
  shutdown.add("the one that hangs", () => new Promise(() => {}));
  shutdown.add("the one that fails", () => Promise.reject(new Error("is broken")));
  shutdown.add("the last", async () => ended.push("last"));
  await expect(shutdown.run()).rejects.toThrow(
    "the one that fails: is broken; the one that hangs: had not ended after 0.05 s",
  );
  expect(ended).toEqual(["last", "first"]);
});

test("whoever asks to stop does not wait for a start that hangs", async () => {
  const stopping = new AbortController();
  const waiting = within(3_600, new Promise(() => {}), "too late", stopping.signal);
  stopping.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
});

test.each([
  ["EADDRINUSE", /^port 81 is in use; .*set MANAGEMENT_PORT to another one$/],
  ["EACCES", /^port 81 is not for this user .*set MANAGEMENT_PORT to another one$/],
  ["EADDRNOTAVAIL", /^MANAGEMENT_HOST=192\.0\.2\.1 is no address of this machine; /],
  ["ENOTFOUND", /^MANAGEMENT_HOST=192\.0\.2\.1 is no address of this machine; /],
])("a place where nothing can listen is told by its own variable: %s", (code, line) => {
  const names = { host: "MANAGEMENT_HOST", port: "MANAGEMENT_PORT" };
  const error = Object.assign(new Error("listen"), { code });
  const told = explainListenError(error, { host: "192.0.2.1", port: 81 }, names) as Error;
  expect(told.message).toMatch(line);
});

test("too few open files are said, and so few that nothing works are refused", () => {
  expect(describeOpenFiles(1024)).toMatch(/^This process may open only 1024 files.*ulimit -n 65536/);
  expect(describeOpenFiles(65_536)).toBeUndefined();
  expect(() => requireOpenFiles(200)).toThrow(/only 200 files and needs 256/);
  requireOpenFiles(1024);
});
