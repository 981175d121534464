import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Song, SongPage } from "../../core/contract/catalogue.ts";
import { demoPassword } from "../../infra/local/demo/accounts.ts";
import { type ApiClient, loginAt } from "../support/api-client.ts";
import { launchBrowser } from "../support/browser.ts";
import { spawnEncore } from "../support/encore-process.ts";
import { openPlayer, type PlayerPage, signIn } from "../support/player-page.ts";
import { runTool } from "../support/run-tool.ts";

/** What one import came to. */
export type Imported = {
  readonly code: number | null;
  /** All that it printed. */
  readonly output: string;
  /** Files that are in, by its own summary. */
  readonly taken: number;
  /** What the library has since. */
  readonly songs: readonly Song[];
};

/** An Encore with the demo library, a listener of it, a browser, and a folder for what is made. */
export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Where the files of a case lie. */
export const folderOf = (name: string): string => join(import.meta.dirname, name);
const importTool = "infra/local/import/main.ts";
/** So long a song that was added may take to be listed. */
const listedMs = 5_000;
/** `nobody`, as which root imports: everything is readable to root. */
const nobody = 65_534;

export async function openStage() {
  const folder = await mkdtemp(join(tmpdir(), "encore-cases-"));
  await chmod(folder, 0o755);
  const encore = await spawnEncore({ DATA_DIR: join(folder, "data"), DEMO_TRACKS: "" });
  const browser = await launchBrowser();
  const listener = await loginAt(encore.url, "listener@example.com", demoPassword({}));
  const env = { ENCORE_URL: encore.url, NO_COLOR: "1" };

  async function importFolder(path: string): Promise<Imported> {
    const before = new Set((await songsOf(listener)).map(({ songId }) => songId));
    const user = process.getuid?.() === 0 ? nobody : undefined;
    const { code, stdout, stderr } = await runTool(importTool, [path], env, user);
    const [, added = "0", existed = "0"] = /(\d+) added, (\d+) there already/.exec(stdout) ?? [];
    const songs = await songsBeside(listener, before, Number(added));
    return { code, output: stdout + stderr, taken: Number(added) + Number(existed), songs };
  }

  async function openPage(): Promise<PlayerPage> {
    const visitor = await openPlayer(browser, encore.url);
    await signIn(visitor, "listener@example.com", demoPassword({}));
    return visitor;
  }

  async function close(): Promise<void> {
    await browser.close();
    await encore.end("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  }

  return { url: encore.url, listener, folder, importFolder, openPage, close };
}

/** Every song of the library. */
export async function songsOf(listener: ApiClient): Promise<Song[]> {
  const songs: Song[] = [];
  let cursor = "";
  do {
    const page = await listener.get<SongPage>(`/api/songs?limit=100${cursor}`);
    songs.push(...page.items);
    cursor = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : "";
  } while (cursor);
  return songs;
}

async function songsBeside(
  listener: ApiClient,
  before: ReadonlySet<string>,
  wanted: number,
): Promise<Song[]> {
  for (const began = performance.now(); ; await pause(100)) {
    const songs = (await songsOf(listener)).filter(({ songId }) => !before.has(songId));
    if (songs.length >= wanted || performance.now() - began > listedMs) return songs;
  }
}
