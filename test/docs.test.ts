import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const parts = ["core", "server", "lambdas", "client", "infra", "tools", "test"];

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const entriesOf = (folder: string) => readdirSync(join(root, folder), { withFileTypes: true });

/** Folders of the second level, like `core/domain`. */
const folders = parts.flatMap((part) =>
  entriesOf(part)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${part}/${name}`),
);
const markdownIn = (folder: string): string[] =>
  entriesOf(folder)
    .filter(({ name }) => name.endsWith(".md"))
    .map(({ name }) => join(folder, name));

const pages = [".", "docs", "docs/decisions", ...folders].flatMap(markdownIn);
/** Pages that say what is there now; decision records say what was. */
const current = pages.filter((page) => !/^docs\/decisions\/\d|CHANGELOG/.test(page));

/** Targets of relative links, without their fragments. */
const linksOf = (page: string): string[] =>
  [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = ""]) => join(dirname(page), link));

/** The fragments that a page's headings have, as GitHub makes them. */
const fragmentsIn = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** Links to a heading, of this page or of another one, that no heading has. */
const deadFragmentsOf = (page: string): string[] =>
  [...read(page).matchAll(/\]\(((?!https?:)[^)#\s]*)#([^)\s]+)\)/g)].flatMap(
    ([, link = "", fragment = ""]) => {
      const target = link ? join(dirname(page), link) : page;
      return fragmentsIn(target).includes(fragment) ? [] : [`${target}#${fragment}`];
    },
  );

/** Paths in backticks that begin with a part of the tree, like `core/domain/plans.ts`. */
const pathsOf = (page: string): string[] =>
  [...read(page).matchAll(/`([\w.-]+\/[\w./-]+)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => parts.includes(path.split("/")[0] ?? ""));

const missing = (paths: readonly string[]): string[] => paths.filter((path) => !existsSync(join(root, path)));

describe("The documentation", () => {
  it.each(pages)("%s links to what is there", (page) => {
    expect(missing(linksOf(page))).toEqual([]);
    expect(deadFragmentsOf(page)).toEqual([]);
  });

  it.each(current)("%s names files that are there", (page) => {
    expect(missing(pathsOf(page))).toEqual([]);
  });

  it("has a README in each folder of the second level", () => {
    expect(missing(folders.map((folder) => `${folder}/README.md`))).toEqual([]);
  });

  it("numbers the decisions without a hole, each with status and date, in the index", () => {
    const records = markdownIn("docs/decisions").filter((page) => /\/\d{4}-/.test(page));
    const index = read("docs/decisions/README.md");
    records.forEach((page, at) => {
      expect(relative("docs/decisions", page).slice(0, 4)).toBe(String(at + 1).padStart(4, "0"));
      expect(read(page)).toMatch(
        new RegExp(`^# ${at + 1}\\. .+\\n\\n- Status: .+\\n(?:  .+\\n)*- Date: \\d{4}-\\d\\d-\\d\\d\\n`),
      );
      expect(index).toContain(`(${relative("docs/decisions", page)})`);
    });
  });

  it("names the test of each rule of the live protocol", () => {
    const rules = [...read("docs/live.md").matchAll(/^\*\*(\d+)\.\*\*/gm)].map(([, number]) =>
      Number(number),
    );
    const rows = [...read("docs/live.md").matchAll(/^\| (\d*) ?\| `(test\/[^`]+)` \| (.+) \|$/gm)];
    const tested = rows.flatMap(([, number]) => (number ? [Number(number)] : []));
    expect(rules).toEqual(rules.map((_, at) => at + 1));
    expect(tested).toEqual(rules);
    for (const [, , file = "", name] of rows) expect(read(file)).toContain(name);
  });
});
