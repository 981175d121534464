import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionNames } from "../../../infra/aws/bundle.ts";

let folder: string;
const output = () => join(folder, "cdk.out");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-synth-"));
  // Nothing in the environment: no account, no region, no home, no cache.
  await promisify(execFile)(process.execPath, ["infra/aws/main.ts"], {
    env: { CDK_OUTDIR: output(), TMPDIR: folder },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Assets = { readonly files: Readonly<Record<string, { readonly source: { readonly path: string } }>> };
const assetsOf = async (stack: string) =>
  Object.values((JSON.parse(await readFile(join(output(), `${stack}.assets.json`), "utf8")) as Assets).files)
    .map(({ source }) => source.path)
    .filter((path) => path.startsWith("asset."));

describe("The entry of the stacks", () => {
  it("makes templates that belong to no account, with what is deployed beside them", async () => {
    const manifest = JSON.parse(await readFile(join(output(), "manifest.json"), "utf8"));
    const stacks = Object.entries<{ type: string; environment: string }>(manifest.artifacts).filter(
      ([, { type }]) => type === "aws:cloudformation:stack",
    );
    expect(stacks.map(([name]) => name).sort()).toEqual([
      ...["EncoreData", "EncoreFront", "EncoreFunctions", "EncoreServer"],
    ]);
    for (const [, { environment }] of stacks)
      expect(environment).toBe("aws://unknown-account/unknown-region");
    expect(manifest.missing ?? []).toEqual([]);
    expect(await assetsOf("EncoreFunctions")).toHaveLength(functionNames.length);
    const [node = ""] = await assetsOf("EncoreServer");
    expect(await readdir(join(output(), node))).toEqual(
      expect.arrayContaining(["client", "main.mjs", "node_modules"]),
    );
  });

  it("leaves nothing else behind", async () => {
    expect((await readdir(folder)).filter((name) => name.startsWith("encore-bundle-"))).toEqual([]);
  });
});
