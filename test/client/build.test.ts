import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildClient } from "../../client/build.ts";

const budgetBytes = 120 * 1024;
let outDir: string;
let files: string[];

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), "encore-client-"));
  ({ files } = await buildClient({ outDir }));
});
afterAll(() => rm(outDir, { recursive: true }));

const read = (name: string) => readFile(join(outDir, name));

describe("the bundle", () => {
  it("consists of the files it tells, each but the page under a name that changes with it", async () => {
    const assets = (await readdir(join(outDir, "assets"))).filter((name) => !/\.(br|gz)$/.test(name));
    const found = [...assets.map((name) => `assets/${name}`), "index.html"];
    expect(found.sort()).toEqual([...files].sort());
    for (const name of files.filter((file) => file !== "index.html"))
      expect(name).toMatch(/^assets\/\w+-[A-Z0-9]{8}\./);
  });

  it("is named by the page, absolutely, so that every route can serve it", async () => {
    const page = String(await read("index.html"));
    const named = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path);
    expect(named.length).toBe(3);
    for (const path of named) expect(files.map((name) => `/${name}`)).toContain(path);
  });

  it("fits its budget", async () => {
    const code = files.filter((name) => /\.(js|css|html|svg)$/.test(name));
    const sizes = await Promise.all(code.map(async (name) => gzipSync(await read(name)).length));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(budgetBytes);
  });

  it("lies compressed beside each file, by brotli and by gzip", async () => {
    for (const name of files.filter((file) => file !== "index.html")) {
      const content = await read(name);
      expect([name, brotliDecompressSync(await read(`${name}.br`)).equals(content)]).toEqual([name, true]);
      expect([name, gunzipSync(await read(`${name}.gz`)).equals(content)]).toEqual([name, true]);
    }
  });

  it("is compressed once, and again where what lies there is cut", async () => {
    const [script = "", style = ""] = [/\.js$/, /\.css$/].map((kind) =>
      files.find((file) => kind.test(file)),
    );
    const writtenAt = async (name: string) =>
      (await stat(join(outDir, `${name}.br`), { bigint: true })).mtimeNs;
    const before = await writtenAt(script);
    await writeFile(join(outDir, `${style}.br`), (await read(`${style}.br`)).subarray(0, 100));
    await buildClient({ outDir });
    expect(await writtenAt(script)).toBe(before);
    expect(brotliDecompressSync(await read(`${style}.br`)).equals(await read(style))).toBe(true);
  });

  it("needs neither eval nor inline style or script, which the CSP refuses", async () => {
    for (const name of files.filter((file) => /\.(js|html)$/.test(file))) {
      const text = String(await read(name));
      expect(text).not.toMatch(/\beval\(|new Function\b|\sstyle="/);
      expect(text).not.toMatch(/<script(?![^>]*\ssrc=)/);
    }
  });
});
