import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import { spawnEncore } from "../support/encore-process.ts";
import { openPlayer, signIn } from "../support/player-page.ts";
import { median } from "./support/figures.ts";

/**
 * From Play to the first byte of audio and to sound, in Chromium on a line of 400 kbit/s and 400 ms, while the library's
 * covers load.
 */
const rounds = 5;
const line = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
const dataDir = await mkdtemp(join(tmpdir(), "encore-bench-"));
const encore = await spawnEncore({ DATA_DIR: dataDir, DEMO_TRACKS: "" });
const browser = await launchBrowser();

type Round = { readonly firstByteMs: number; readonly soundMs: number; readonly coversBefore: number };

/** With the player's own files in the browser's cache, and none of the covers. */
async function playRound(): Promise<Round> {
  const visitor = await openPlayer(browser, encore.url);
  const { page, context } = visitor;
  await page.route("**/covers/**", (route) => route.abort());
  await signIn(visitor, "listener@example.com", "encore-demo-password");
  await page.unroute("**/covers/**");
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", line);
  const firstCover = page.waitForRequest(/\/covers\//);
  await page.reload();
  const covers = countCovers(page);
  const button = page
    .getByRole("list", { name: "Songs" })
    .getByRole("button", { name: /^Play / })
    .first();
  await button.waitFor();
  await firstCover;
  await pause(300);
  const firstByte = page.waitForResponse(/\/stream\//).then(() => performance.now());
  const asked = performance.now();
  await button.click();
  const firstByteAt = await firstByte;
  const coversBefore = covers();
  await page.locator("encore-player-bar [data-status=playing]").waitFor();
  const soundMs = performance.now() - asked;
  await context.close();
  return { firstByteMs: firstByteAt - asked, soundMs, coversBefore };
}

/** How many have come. */
function countCovers(page: Page): () => number {
  let count = 0;
  page.on("requestfinished", (request) => {
    if (request.url().includes("/covers/")) count += 1;
  });
  return () => count;
}

try {
  const all: Round[] = [];
  for (let round = 0; round < rounds; round++) all.push(await playRound());
  for (const name of ["firstByteMs", "soundMs", "coversBefore"] as const) {
    const values = all.map((round) => round[name]);
    console.log(
      `${name}: ${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`,
    );
  }
} finally {
  await browser.close();
  await encore.end("SIGTERM");
  await rm(dataDir, { recursive: true, force: true });
}
