import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compressFiles } from "./compress.ts";

const here = dirname(fileURLToPath(import.meta.url));
const entries = ["main.ts", "styles/page.css", "styles/icon.svg"];

/**
 * Bundles the player: assets under names that carry a hash of their content (to be cached for ever), each compressed
 * beside it, and an `index.html` that names them.
 *
 * @param outDir folder that is made; older assets in it are left alone
 * @returns the names of the written files, relative to `outDir`, without the compressed ones
 */
export async function buildClient({
  outDir,
  minify = true,
}: {
  outDir: string;
  minify?: boolean;
}): Promise<{ files: string[] }> {
  const out = resolve(outDir);
  const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: entries,
    entryNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    bundle: true,
    minify,
    format: "esm",
    splitting: true,
    sourcemap: true,
    target: ["es2024", "chrome120", "firefox121", "safari17.4"],
    loader: { ".svg": "copy" },
    legalComments: "linked",
    metafile: true,
    outdir: out,
    logLevel: "warning",
  });
  const names = new Map<string, string>();
  const files = Object.entries(metafile.outputs).map(([path, { entryPoint, inputs }]) => {
    const name = resolve(here, path).slice(out.length + 1);
    const source = entryPoint ?? Object.keys(inputs).find((input) => entries.includes(input));
    if (source && !name.endsWith(".map") && !name.endsWith(".txt")) names.set(source, name);
    return name;
  });
  await Promise.all([writeIndex(out, names), compressFiles(files.map((name) => join(out, name)))]);
  return { files: [...files, "index.html"] };
}

async function writeIndex(out: string, names: ReadonlyMap<string, string>): Promise<void> {
  let page = await readFile(join(here, "index.html"), "utf8");
  for (const entry of entries) {
    const name = names.get(entry);
    if (!name) throw new Error(`The bundle lacks ${entry}`);
    page = page.replace(`"./${entry}"`, `"/${name}"`);
  }
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "index.html"), page);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files } = await buildClient({ outDir: process.argv[2] ?? "dist/client" });
  console.log(files.join("\n"));
}
