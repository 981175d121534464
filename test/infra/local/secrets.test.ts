import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Log } from "../../../core/domain/ports.ts";
import { readSecrets } from "../../../infra/local/secrets.ts";

async function createFile() {
  const folder = await mkdtemp(join(tmpdir(), "encore-secrets-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const lines: string[] = [];
  const write = (_: unknown, message: string) => void lines.push(message);
  const log: Log = { info: write, warn: write, error: write };
  return { folder, file: join(folder, "secrets.json"), lines, log };
}

test("secrets are made once, for their owner alone, and nothing is left beside them", async () => {
  const { folder, file, lines, log } = await createFile();
  const made = await readSecrets(file, log);
  expect(await readSecrets(file, log)).toEqual(made);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["secrets.json"]);
  expect(lines).toEqual([]);
});

const damages: Readonly<Record<string, (file: string) => Promise<void>>> = {
  "of 0 bytes": (file) => truncate(file),
  "half written": (file) => truncate(file, 200),
  "without the key": (file) => writeFile(file, "{}"),
  "with another public key": async (file) => {
    const { file: other } = await createFile();
    const { TOKEN_PUBLIC_KEYS } = await readSecrets(other);
    const { TOKEN_KEY_ID, ...mine } = JSON.parse(await readFile(file, "utf8"));
    const [key] = Object.values(JSON.parse(TOKEN_PUBLIC_KEYS ?? "{}"));
    const swapped = { ...mine, TOKEN_KEY_ID, TOKEN_PUBLIC_KEYS: JSON.stringify({ [TOKEN_KEY_ID]: key }) };
    await writeFile(file, JSON.stringify(swapped));
  },
};

for (const [name, damage] of Object.entries(damages))
  test(`a file ${name} is replaced, in one line, and ends no start`, async () => {
    const { file, lines, log } = await createFile();
    const before = await readSecrets(file, log);
    await damage(file);
    const after = await readSecrets(file, log);
    expect(after.TOKEN_PRIVATE_KEY).not.toBe(before.TOKEN_PRIVATE_KEY);
    expect(lines).toEqual([expect.stringContaining("sign in again")]);
    expect(await readSecrets(file, log)).toEqual(after);
  });

test("a folder that cannot be written is told in words", async () => {
  const { folder, log } = await createFile();
  await expect(readSecrets(join(folder, "missing", "secrets.json"), log)).rejects.toThrow(
    /secrets\.json cannot be written \(ENOENT\)/,
  );
});
