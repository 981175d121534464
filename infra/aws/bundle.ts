import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import { buildClient } from "../../client/build.ts";

/** Every file of `lambdas/entries`, each a function of its own. */
export const functionNames = [
  "auth",
  "catalogue",
  "subscriptions",
  "uploads",
  "covers",
  "process-uploads",
  "live",
  "ops",
  "docs",
  "socket",
  "socket-authorizer",
  "push",
  "index-music",
  "sweep-objects",
] as const;
export type FunctionName = (typeof functionNames)[number];

/** Where the code of each part lies, as CDK assets take it. */
export type Code = {
  readonly functions: Readonly<Record<FunctionName, string>>;
  /** What makes the keys of access tokens when the stacks are made. */
  readonly tokenKeys: string;
  /** The server node with the built player. */
  readonly server: string;
};

const root = join(import.meta.dirname, "..", "..");

/**
 * esbuild drops what a handler does not use only from modules that are said to be without side effects on import. Our own
 * are, and these packages are, though their manifests do not say so.
 */
const withoutSideEffects: Plugin = {
  name: "without-side-effects",
  setup({ onResolve, resolve }) {
    const modules = /^(\.|fast-jwt|typebox|ulid|minisearch|music-metadata|mediabunny|@zxcvbn-ts\/)/;
    onResolve({ filter: modules }, async ({ path, pluginData, ...place }) => {
      const { kind, importer, resolveDir } = place;
      const isOurs = !importer.includes("/node_modules/");
      if (pluginData === "resolving" || kind !== "import-statement" || !isOurs) return undefined;
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: "resolving" });
      return { path: found.path, external: found.external, errors: found.errors, sideEffects: false };
    });
  },
};

const target = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  platform: "node",
  target: "node24",
  format: "esm",
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  // CommonJS packages inside call `require`, which a module does not have.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
} as const;

/**
 * Bundles every function and the server into folders of their own below `outDir`. The SDK stays outside of functions:
 * Lambda's runtime brings one along (see the decision record).
 */
export async function bundleCode(outDir: string): Promise<Code> {
  await rm(outDir, { recursive: true, force: true });
  const folder = (name: string) => join(outDir, name);
  await Promise.all([
    bundleFunctions(outDir, {
      ...lambdaEntries,
      [`${tokenKeys}/index`]: "infra/aws/token-keys/handler.ts",
      ...Object.fromEntries(
        withPictures.map((name) => [`${name}/resize-worker`, "lambdas/images/resize-worker.ts"]),
      ),
      "process-uploads/inspect-process": "lambdas/audio/inspect-process.ts",
    }),
    bundleServer(folder("server")),
  ]);
  const functions = Object.fromEntries(functionNames.map((name) => [name, folder(name)]));
  return {
    functions: functions as Code["functions"],
    tokenKeys: folder(tokenKeys),
    server: folder("server"),
  };
}

const tokenKeys = "token-keys";
const lambdaEntries = Object.fromEntries(
  functionNames.map((name) => [`${name}/index`, `lambdas/entries/${name}.ts`]),
);

/** A folder a function, each entry one file of code. */
async function bundleFunctions(outDir: string, entries: Readonly<Record<string, string>>): Promise<void> {
  const { metafile } = await build({
    ...target,
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    external: ["@aws-sdk/*", "@smithy/*", picturePackage],
    plugins: [withoutSideEffects],
  });
  await refuseNativeCode(metafile);
  for (const name of withPictures) await copyPackage(picturePackage, pictureFiles, join(outDir, name));
}

/** One file of code, the player beside it, and the reference page's files where Node looks for packages. */
async function bundleServer(outDir: string): Promise<void> {
  const [{ metafile }] = await Promise.all([
    build({
      ...target,
      entryPoints: ["server/main.ts"],
      outfile: join(outDir, "main.mjs"),
      external: [referencePackage],
    }),
    buildClient({ outDir: join(outDir, "client") }),
    copyPackage(referencePackage, referenceFiles, outDir),
  ]);
  await refuseNativeCode(metafile);
}

/**
 * A package with native code comes in pieces, one a platform, that are looked for when it is loaded: a bundle would
 * hold it without them, and fail in AWS alone.
 * @throws Error that names the package
 */
export async function refuseNativeCode({ inputs }: Pick<Metafile, "inputs">): Promise<void> {
  const packages = Object.keys(inputs).flatMap((path) => packagePattern.exec(path)?.[0] ?? []);
  for (const path of new Set(packages)) {
    const manifest = JSON.parse(await readFile(join(root, path, "package.json"), "utf8")) as Manifest;
    const pieces = Object.keys(manifest.optionalDependencies ?? {});
    if (manifest.gypfile || pieces.some((name) => /(linux|darwin|win32)-/.test(name)))
      throw new Error(
        `${path} has native code: bring its pieces for linux-arm64 along, outside of the bundle`,
      );
  }
}

type Manifest = {
  readonly gypfile?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};
const packagePattern = /^.*node_modules\/(@[^/]+\/)?[^/]+/;

const referencePackage = "swagger-ui-dist";
const referenceFiles = [
  "package.json",
  "index.js",
  "absolute-path.js",
  "swagger-ui.css",
  "swagger-ui-bundle.js",
  "LICENSE",
];

/** libvips in WebAssembly, which runs on any platform and finds its files beside its own. */
const picturePackage = "wasm-vips";
const withPictures: readonly FunctionName[] = ["process-uploads", "covers"];
const pictureFiles = ["package.json", "lib/vips-node.mjs", "lib/vips.wasm", "THIRD-PARTY-NOTICES.md"];

/** Puts files of a package where Node.js looks for it from a bundle. */
async function copyPackage(name: string, files: readonly string[], bundleDir: string): Promise<void> {
  const copy = async (file: string): Promise<void> => {
    const to = join(bundleDir, "node_modules", name, file);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(join(root, "node_modules", name, file), to);
  };
  await Promise.all(files.map(copy));
}
