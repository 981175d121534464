import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signIn as signInCurator } from "../../infra/local/import/api.ts";
import { uploadFile } from "../../infra/local/import/upload-file.ts";
import { launchBrowser } from "../support/browser.ts";
import { type EncoreProcess, spawnEncore } from "../support/encore-process.ts";
import { type PlayerPage, signIn } from "../support/player-page.ts";
import { sampleAudio } from "../support/sample-audio.ts";
import { until } from "../support/until.ts";
import { visitPlayer } from "../support/visit-player.ts";

let browser: Browser;
let folder: string;
let encore: EncoreProcess;

/** Again at the same address, with what was there. */
const startAt = (port: string) => spawnEncore({ PORT: port, DATA_DIR: join(folder, "data") });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-outage-"));
  [browser, encore] = await Promise.all([launchBrowser(), startAt("0")]);
  const path = join(folder, "Long way.wav");
  // More than a browser loads ahead.
  await writeFile(path, await sampleAudio({ format: "wav", seconds: 180 }));
  const curator = await signInCurator(encore.url, "curator@example.com", "encore-demo-password");
  await uploadFile(curator, { path, contentType: "audio/wav" });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await encore?.end("SIGKILL");
  await rm(folder, { recursive: true });
});

async function listen(): Promise<PlayerPage> {
  const visitor = await visitPlayer(browser, encore.url);
  await signIn(visitor, "listener@example.com", "encore-demo-password");
  await visitor.page.getByRole("button", { name: "Play Long way" }).click();
  await until("it is heard", async () => ((await visitor.audio())?.currentTime ?? 0) > 0.5);
  return visitor;
}

const playerOf = ({ page }: PlayerPage) => page.getByRole("region", { name: "Player" });

const heardFrom = (visitor: PlayerPage, seconds: number) =>
  until(
    `it plays on after ${seconds} s`,
    async () => {
      const { currentTime = 0, paused = true } = (await visitor.audio()) ?? {};
      return currentTime > seconds && currentTime < seconds + 30 && !paused;
    },
    45_000,
  );

describe.each(["SIGTERM", "SIGKILL"] as const)("A song whose server ends by %s", (signal) => {
  it("goes on where its listener seeks to meanwhile, when the server is back, without a click", async () => {
    const visitor = await listen();
    await encore.end(signal);
    await playerOf(visitor).getByRole("slider", { name: "Seek" }).fill("120");
    encore = await startAt(new URL(encore.url).port);
    await heardFrom(visitor, 120.5);
    expect((await visitor.audio())?.error).toBe(0);
    await playerOf(visitor).getByRole("button", { name: "Pause" }).waitFor();
  }, 120_000);
});
