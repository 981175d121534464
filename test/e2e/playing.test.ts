import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as importer from "../../infra/local/import/api.ts";
import { uploadFile } from "../../infra/local/import/upload-file.ts";
import type { Encore } from "../../infra/local/start.ts";
import { launchBrowser } from "../support/browser.ts";
import { startTestEncore } from "../support/encore.ts";
import { type PlayerPage, signIn } from "../support/player-page.ts";
import { until } from "../support/until.ts";
import { visitPlayer } from "../support/visit-player.ts";

let encore: Encore;
let browser: Browser;

beforeAll(async () => {
  [encore, browser] = await Promise.all([startTestEncore({ demoTracks: 2 }), launchBrowser()]);
  const curator = await importer.signIn(encore.url, "curator@example.com", "encore-demo-password");
  const cases = [
    ["05-flac-of-unknown-length/unknown-length.flac", "audio/flac"],
    ["06-vbr-length-in-player/loud-start.mp3", "audio/mpeg"],
  ] as const;
  for (const [path, contentType] of cases)
    await uploadFile(curator, { path: `test/cases/${path}`, contentType });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await encore?.close();
});

async function visit(): Promise<PlayerPage> {
  const visitor = await visitPlayer(browser, encore.url);
  await signIn(visitor, "listener@example.com", "encore-demo-password");
  return visitor;
}

const playerOf = (page: Page) => page.getByRole("region", { name: "Player" });
const seekerOf = (page: Page) => playerOf(page).getByRole("slider", { name: "Seek" });
const secondsOf = async (page: Page) => Number(await seekerOf(page).inputValue());
const button = (page: Page, name: string) => playerOf(page).getByRole("button", { name, exact: true });

const isAt = (page: Page, from: number, to = from + 6) =>
  until(`it shows ${from} s`, async () => {
    const seconds = await secondsOf(page);
    return seconds >= from && seconds < to;
  });

it("Length and second are true where the element does not know them, here and on another device", async () => {
  const [{ page, errors }, other] = [await visit(), await visit()];
  const told: string[] = [];
  other.page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => told.push(String(payload)));
  });
  await other.page.reload();
  await other.page.getByRole("status").getByText("Live").waitFor();
  await page.getByRole("button", { name: "Play Unknown length" }).click();
  await isAt(page, 1);
  expect(await seekerOf(page).getAttribute("max")).toMatch(/^89\.9|^90/);
  await seekerOf(page).fill("60");
  await isAt(page, 61);
  await until("the other device is told", () => told.some((text) => /"positionSeconds":6\d/.test(text)));

  await page.getByRole("button", { name: "Play Loud start" }).click();
  await isAt(page, 1);
  expect(await seekerOf(page).getAttribute("max")).toMatch(/^24/);
  await seekerOf(page).fill("20");
  await isAt(page, 21, 24);
  expect(await seekerOf(page).getAttribute("max")).toMatch(/^24/);
  await playerOf(page).getByText("Loud start").waitFor({ state: "detached" });
  expect(errors).toEqual([]);
}, 60_000);

/** Takes the seeker's thumb along, and lets it go where it was. */
async function dragThereAndBack(page: Page): Promise<void> {
  const seeker = seekerOf(page);
  const box = await seeker.boundingBox();
  if (!box) throw new Error("There is no slider");
  const share = (await secondsOf(page)) / Number(await seeker.getAttribute("max"));
  const [x, y] = [box.x + 7 + (box.width - 14) * share, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y);
  await page.mouse.move(x, y);
  await page.mouse.up();
}

it("Keys, double-clicks, a busy server, a song that is gone and a reload", async () => {
  const { page } = await visit();
  await page.getByRole("button", { name: "Play Minuet in G Major" }).dblclick();
  await isAt(page, 1);
  await button(page, "Pause").waitFor();

  const box = await seekerOf(page).boundingBox();
  if (!box) throw new Error("There is no slider");
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await isAt(page, 20, 27);
  await page.keyboard.press("Space");
  await button(page, "Play").waitFor();
  const before = await secondsOf(page);
  await page.keyboard.press("ArrowRight");
  await until("it is 5 s further", async () => Math.abs((await secondsOf(page)) - before - 5) <= 1);
  await dragThereAndBack(page);
  const taken = await secondsOf(page);
  await page.keyboard.press("Space");
  await button(page, "Pause").waitFor();
  await isAt(page, taken + 1);

  let refused = 0;
  await page.route("**/stream/**", (route) => {
    refused += 1;
    return route.fulfill({ status: 503, headers: { "retry-after": "1" }, body: "busy" });
  });
  await button(page, "Next").click();
  await playerOf(page).getByRole("status").getByText("Encore is busy. It goes on by itself.").waitFor();
  expect(refused).toBeGreaterThan(0);
  await page.unroute("**/stream/**");
  await isAt(page, 1);

  await page.route("**/stream/**", (route) => route.fulfill({ status: 404, body: "gone" }));
  await button(page, "Previous").click();
  await page.getByText(/“Minuet in G Major” cannot be played/).waitFor();
  await page.unroute("**/stream/**");
  const title = playerOf(page).locator(".title");
  await until("the next one plays", async () => (await title.textContent()) !== "Minuet in G Major");
  await isAt(page, 2);
  const heard = await title.textContent();

  await page.reload();
  await button(page, "Play").waitFor();
  expect(await title.textContent()).toBe(heard);
  expect(await secondsOf(page)).toBeGreaterThanOrEqual(1);
  await button(page, "Play").click();
  await isAt(page, 2, 20);
}, 60_000);
