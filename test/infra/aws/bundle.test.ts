import { mkdtemp, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleCode, type Code, functionNames } from "../../../infra/aws/bundle.ts";

let folder: string;
let code: Code;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-bundle-"));
  code = await bundleCode(join(folder, "bundle"));
  // Where Lambda's runtime has the SDK, this machine has its own.
  await symlink(resolve("node_modules"), join(folder, "node_modules"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** KiB, minified. What a function has beyond 300 is said in docs/performance.md. */
const largest: Partial<Record<(typeof functionNames)[number], number>> = { uploads: 940, auth: 400 };

describe.each(functionNames)("The bundle of %s", (name) => {
  const file = () => join(code.functions[name], "index.mjs");

  it("is loaded without an environment, and has a handler", async () => {
    const loaded = (await import(/* @vite-ignore */ pathToFileURL(file()).href)) as { handler?: unknown };
    expect(loaded.handler).toBeTypeOf("function");
  });

  it("is no larger than it must be", async () => {
    const { size } = await stat(file());
    expect(size / 1024).toBeLessThan(largest[name] ?? 350);
  });

  it("has the SDK from the runtime", async () => {
    const text = await readFile(file(), "utf8");
    expect(text).not.toContain("node_modules/@aws-sdk");
    if (name !== "docs") expect(text).toContain('from"@aws-sdk/lib-dynamodb"');
  });
});

describe("The bundle of the server", () => {
  it("holds the code, the player and the reference's files", async () => {
    const names = ["main.mjs", "client/index.html", "node_modules/swagger-ui-dist/swagger-ui-bundle.js"];
    for (const name of names) expect((await stat(join(code.server, name))).size).toBeGreaterThan(0);
  });
});
