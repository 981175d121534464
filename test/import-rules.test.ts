import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");

/**
 * The rooms of the house and what each may bring in: folders of this tree, packages, or `node:` modules. The
 * first room whose folder holds a file is the file's own; a room may always import from itself.
 */
type Room = { readonly folder: string; readonly folders: readonly string[]; readonly packages: RegExp };

const anything = /./;
const sdk = /^@aws-sdk\//;
const rooms: readonly Room[] = [
  { folder: "core/contract", folders: [], packages: /^typebox(\/|$)/ },
  {
    folder: "core/domain/shared",
    folders: ["core/contract", "core/domain/errors.ts", "core/domain/ports.ts"],
    packages: anything,
  },
  {
    folder: "core/domain",
    folders: ["core/contract"],
    packages:
      /^(typebox(\/.*)?|node:crypto|node:url|node:util|node:zlib|ulid|fast-jwt|minisearch|@zxcvbn-ts\/.*)$/,
  },
  {
    folder: "core/aws",
    folders: ["core/domain", "core/contract"],
    packages: /^(@aws-sdk\/.*|@smithy\/.*|aws-lambda|typebox(\/.*)?|ulid|node:.*)$/,
  },
  { folder: "server", folders: ["core"], packages: /^(?!@aws-sdk\/)/ },
  { folder: "lambdas", folders: ["core"], packages: /^(?!@aws-sdk\/|fastify|@fastify\/)/ },
  {
    folder: "client",
    folders: ["core/contract", "core/domain"],
    packages: /^(?!@aws-sdk\/|fastify|@fastify\/)/,
  },
  {
    folder: "infra/aws",
    // The player's build makes what a node's archive holds.
    folders: ["lambdas/routes", "core/aws/tables.ts", "core/contract", "client/build.ts"],
    packages: /^(?!@aws-sdk\/)/,
  },
  { folder: "tools", folders: [], packages: /^(?!@aws-sdk\/|fastify|@fastify\/)/ },
  {
    folder: "infra/local",
    folders: ["core", "server", "lambdas", "client", "infra", "tools"],
    packages: anything,
  },
];

/** Files that the browser gets; what they reach must run there. `build.ts` runs in Node. */
const browserEntries = ["client/main.ts", "client/service-worker.ts"];
/** The only places that may read the environment. */
const entryPoints =
  /^(server\/main\.ts|lambdas\/on-first-call\.ts|client\/main\.ts|infra\/(.*\/)?main\.ts|client\/build\.ts)$/;

const sources = ["core", "server", "lambdas", "client", "infra", "tools"].flatMap((folder) =>
  filesBelow(folder),
);

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const importPattern =
  /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

type Import = { readonly specifier: string; readonly typeOnly: boolean };

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(importPattern)].map((match) => ({
    specifier: match[3] ?? match[4] ?? "",
    typeOnly: match[2] !== undefined,
  }));
}

/** A relative import as a path of this tree; a package as it is. */
const target = (file: string, specifier: string): string =>
  specifier.startsWith(".") ? relative(root, resolve(root, dirname(file), specifier)) : specifier;

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

describe("Every file imports only what its room may", () => {
  it("has a room for every file", () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.filter((file) => !rooms.some(({ folder }) => isWithin(file, folder)))).toEqual([]);
  });

  it.each(rooms)("$folder", ({ folder, folders, packages }) => {
    const files = sources.filter((file) => isWithin(file, folder));
    const breaches = files.flatMap((file) =>
      importsOf(file).flatMap(({ specifier }) => {
        const path = target(file, specifier);
        const allowed = specifier.startsWith(".")
          ? [folder, ...folders].some((room) => isWithin(path, room))
          : packages.test(specifier);
        return allowed ? [] : [`${file} imports ${path}`];
      }),
    );
    expect(breaches).toEqual([]);
  });

  it("keeps the SDK in core/aws and the local engines", () => {
    const users = sources.filter((file) => importsOf(file).some(({ specifier }) => sdk.test(specifier)));
    expect(users.filter((file) => !/^(core\/aws|infra\/local)\//.test(file))).toEqual([]);
  });

  it("sends nothing to the browser that needs Node", () => {
    const reached = new Set<string>();
    const queue = browserEntries.filter((file) => sources.includes(file));
    for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
      if (reached.has(file)) continue;
      reached.add(file);
      for (const { specifier, typeOnly } of importsOf(file)) {
        if (typeOnly) continue;
        if (specifier.startsWith(".")) queue.push(target(file, specifier));
        else expect(specifier, `${file} imports ${specifier}`).not.toMatch(/^node:/);
      }
    }
  });

  it("reads the environment only at the entry points", () => {
    const readers = sources.filter((file) => /\bprocess\.env\b/.test(readFileSync(join(root, file), "utf8")));
    expect(readers.filter((file) => !entryPoints.test(file))).toEqual([]);
  });
});
