import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { buildClient } from "../../client/build.ts";

/** Every handler file of `lambdas/`, each a function of its own. */
export const functionNames = [
  "auth",
  "catalogue",
  "subscriptions",
  "uploads",
  "live",
  "ops",
  "docs",
  "socket",
  "socket-authorizer",
  "push",
  "index-music",
] as const;
export type FunctionName = (typeof functionNames)[number];

/** Where the code of each part lies, as CDK assets take it. */
export type Code = {
  readonly functions: Readonly<Record<FunctionName, string>>;
  /** The server node with the built player. */
  readonly server: string;
};

const root = join(import.meta.dirname, "..", "..");

/**
 * `lambdas/deps.ts` names the parts of every area, and esbuild drops what a handler does not use only from packages
 * that are said to be without side effects on import; these are, though their manifests do not say so.
 */
const withoutSideEffects: Plugin = {
  name: "without-side-effects",
  setup({ onResolve, resolve }) {
    const packages = /^(fast-jwt|typebox|ulid|minisearch|music-metadata|mediabunny|@zxcvbn-ts\/)/;
    onResolve({ filter: packages }, async ({ path, pluginData, ...place }) => {
      if (pluginData === "resolving") return undefined;
      const { kind, importer, resolveDir } = place;
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
  // CommonJS packages inside call `require`, which a module does not have.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
} as const;

/**
 * Bundles every function and the server into folders of their own below `outDir`. The SDK stays outside of functions:
 * Lambda's runtime brings one along, so a cold start reads a third of the bytes.
 */
export async function bundleCode(outDir: string): Promise<Code> {
  await rm(outDir, { recursive: true, force: true });
  const folder = (name: string) => join(outDir, name);
  await Promise.all([
    ...functionNames.map((name) =>
      build({
        ...target,
        entryPoints: [join("lambdas", `${name}.ts`)],
        outfile: join(folder(name), "index.mjs"),
        external: ["@aws-sdk/*", "@smithy/*"],
        plugins: [withoutSideEffects],
      }),
    ),
    bundleServer(folder("server")),
  ]);
  const functions = Object.fromEntries(functionNames.map((name) => [name, folder(name)]));
  return { functions: functions as Code["functions"], server: folder("server") };
}

/** One file of code, the player beside it, and the reference page's files where Node looks for packages. */
async function bundleServer(outDir: string): Promise<void> {
  await Promise.all([
    build({
      ...target,
      entryPoints: [join("server", "main.ts")],
      outfile: join(outDir, "main.mjs"),
      external: [referencePackage],
    }),
    buildClient({ outDir: join(outDir, "client") }),
    copyReference(join(outDir, "node_modules", referencePackage)),
  ]);
}

const referencePackage = "swagger-ui-dist";
const referenceFiles = [
  "package.json",
  "index.js",
  "absolute-path.js",
  "swagger-ui.css",
  "swagger-ui-bundle.js",
  "LICENSE",
];

async function copyReference(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true });
  const source = join(root, "node_modules", referencePackage);
  await Promise.all(referenceFiles.map((name) => copyFile(join(source, name), join(outDir, name))));
}
