import { expect, it } from "vitest";
import { readImportCommand } from "../../../../infra/local/import/command.ts";

it.each([
  [[], /^Name a folder\.\n\nUsage:/],
  [["docs", "/nowhere/\x1bat all"], /^There is no file or folder \/nowhere\/\\x1bat all$/],
  [["README.md/x"], /^There is no file or folder README\.md\/x$/],
  [["docs", "--loud"], /--loud/],
  [["docs", "--tier", "gold"], /^--tier is "free" or "premium", not "gold"$/],
  [["docs", "--replace", "song"], /^With --replace, name one file$/],
  [["README.md", "package.json", "--replace", "song"], /^With --replace, name one file$/],
  [["nothing.mp3", "--replace", "song"], /^There is no file or folder nothing\.mp3$/],
  [["README.md", "--replace", "song", "--tier", "free"], /leave --tier out$/],
])("says what is wrong with %j", async (args, message) => {
  await expect(readImportCommand(args, {})).rejects.toThrow(message);
});

it("takes folders and files, and what the environment says", async () => {
  const env = { ENCORE_URL: "http://encore.test", DEMO_PASSWORD: "of the demo" };
  expect(await readImportCommand(["docs", "README.md", "--tier", "premium"], env)).toEqual({
    paths: ["docs", "README.md"],
    as: { tier: "premium" },
    url: "http://encore.test",
    email: "curator@example.com",
    password: "of the demo",
  });
  expect(await readImportCommand(["README.md", "--replace", "song"], {})).toMatchObject({
    as: { songId: "song" },
  });
  expect(await readImportCommand(["--help"], {})).toBeUndefined();
});
