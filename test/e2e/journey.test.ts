import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Encore } from "../../infra/local/start.ts";
import { launchBrowser } from "../support/browser.ts";
import { startTestEncore } from "../support/encore.ts";
import { navigate, type PlayerPage, register, signIn } from "../support/player-page.ts";
import { until } from "../support/until.ts";
import { visitPlayer } from "../support/visit-player.ts";

let encore: Encore;
let browser: Browser;

beforeAll(async () => {
  [encore, browser] = await Promise.all([startTestEncore({ demoTracks: 4 }), launchBrowser()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await encore?.close();
});

const visit = (): Promise<PlayerPage> => visitPlayer(browser, encore.url);

describe("A listener with two devices", () => {
  it("registers, searches, subscribes, sees it on the other device, listens, seeks, and leaves", async () => {
    const [first, second] = [await visit(), await visit()];
    const { page } = first;
    const { email, password } = await register(first, "Two devices");
    await signIn(second, email, password);
    await navigate(second, "Subscriptions");
    await second.page.getByText("No subscriptions yet").waitFor();
    await page.getByRole("status").getByText("Live").waitFor();
    await second.page.getByRole("status").getByText("Live").waitFor();

    await page.getByRole("searchbox").pressSequentially("minu");
    await page.getByRole("heading", { name: "Results for “minu”" }).waitFor();
    await page.getByRole("button", { name: "Play Ode to Joy" }).waitFor({ state: "detached" });

    const subscribe = page.getByRole("button", { name: "Subscribe to Minuet in G Major" }).first();
    const shown = second.page
      .getByRole("list", { name: "My subscriptions" })
      .getByText("Minuet in G Major", { exact: true });
    const clicked = performance.now();
    await subscribe.click();
    await shown.waitFor();
    // What the issue promises to a person; it takes some 50 ms, so this fails on a lost push and not on a busy machine.
    expect(performance.now() - clicked).toBeLessThan(1_000);
    expect(await subscribe.getAttribute("aria-pressed")).toBe("true");

    await page.getByRole("button", { name: "Play Minuet in G Major" }).click();
    await until("it is heard", async () => ((await first.audio())?.currentTime ?? 0) > 0.5);
    const player = page.getByRole("region", { name: "Player" });
    await player.getByRole("button", { name: "Pause" }).waitFor();
    await player.getByRole("slider", { name: "Seek" }).fill("30");
    await until("it plays on from there", async () => {
      const { currentTime = 0, paused = true } = (await first.audio()) ?? {};
      return currentTime > 30.2 && currentTime < 40 && !paused;
    });
    expect((await first.audio())?.error).toBe(0);
    await player.getByRole("button", { name: "Pause" }).click();
    await until("it pauses", async () => (await first.audio())?.paused === true);

    await subscribe.click();
    await second.page.getByText("No subscriptions yet").waitFor();

    await navigate(first, "Account");
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect([...first.errors, ...second.errors]).toEqual([]);
  }, 60_000);

  it("ends the other device from the account page, and that device says so", async () => {
    const [first, second] = [await visit(), await visit()];
    const { email, password } = await register(first, "Ends a device");
    await signIn(second, email, password);
    await second.page.getByRole("status").getByText("Live").waitFor();
    await navigate(first, "Account");
    await first.page
      .getByRole("button", { name: /^Sign out/ })
      .first()
      .click();
    await second.page.getByText("Your session has ended").waitFor();
  }, 60_000);
});

describe("A listener who changes rooms", () => {
  it("goes on with the song on the other device, where it is, and the first one stops", async () => {
    const [kitchen, desk] = [await visit(), await visit()];
    await signIn(kitchen, "listener@example.com", "encore-demo-password");
    const told: string[] = [];
    desk.page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => told.push(String(payload)));
    });
    await signIn(desk, "listener@example.com", "encore-demo-password");
    await desk.page.getByRole("status").getByText("Live").waitFor();
    await kitchen.page.getByRole("button", { name: "Play Minuet in G Major" }).click();
    await until("it is heard in the kitchen", async () => ((await kitchen.audio())?.currentTime ?? 0) > 0.5);
    await kitchen.page
      .getByRole("region", { name: "Player" })
      .getByRole("slider", { name: "Seek" })
      .fill("20");
    await until("it is at 20 s", async () => ((await kitchen.audio())?.currentTime ?? 0) > 20.2);

    const isThere = (frame: string) => /"positionSeconds":2\d/.test(frame);
    await until("the desk is told", () => told.some(isThere));
    await desk.page.getByText(/Minuet in G Major plays on/).waitFor();
    await desk.page.getByRole("button", { name: "Play here" }).click();
    await until("it is heard at the desk", async () => (await desk.audio())?.paused === false);
    await until("it goes on there", async () => ((await desk.audio())?.currentTime ?? 0) > 20.2);
    await until("the kitchen is silent", async () => (await kitchen.audio())?.paused === true);
    const [there, here] = [await kitchen.audio(), await desk.audio()];
    expect(Math.abs((here?.currentTime ?? 0) - (there?.currentTime ?? 0))).toBeLessThan(5);
    await kitchen.page.getByText(/“Minuet in G Major” goes on on/).waitFor();
    expect([...kitchen.errors, ...desk.errors]).toEqual([]);
  }, 60_000);
});

describe("A listener whose plan has one device", () => {
  it("hears on whichever they press play; the other one keeps its song, queue and second, and says where it plays", async () => {
    const [phone, laptop] = [await visit(), await visit()];
    const { email, password } = await register(phone, "One at a time");
    await signIn(laptop, email, password);
    await Promise.all(
      [phone, laptop].map(({ page }) => page.getByRole("status").getByText("Live").waitFor()),
    );
    const isHeard = async ({ audio }: PlayerPage) => (await audio())?.paused === false;
    const player = phone.page.getByRole("region", { name: "Player" });

    await phone.page.getByRole("button", { name: "Play Minuet in G Major" }).click();
    await player.getByRole("slider", { name: "Seek" }).fill("20");
    await until("it is at 20 s", async () => ((await phone.audio())?.currentTime ?? 0) > 20.2);
    await laptop.page.getByRole("button", { name: "Play さくらさくら" }).click();
    await until("it is heard on the laptop", () => isHeard(laptop));
    await phone.page.getByRole("status").getByText("Playing on").waitFor();
    // Its song had come whole, so that no refusal of the server's would have ended it.
    await until("the phone is quiet", async () => !(await isHeard(phone)));
    await player.getByText("Minuet in G Major").waitFor();
    await player.getByRole("button", { name: "Play", exact: true }).waitFor();

    await phone.page.getByRole("button", { name: "Play here" }).click();
    await until("it goes on on the phone", () => isHeard(phone));
    const { currentTime = 0 } = (await phone.audio()) ?? {};
    expect(currentTime).toBeGreaterThan(20);
    expect(currentTime).toBeLessThan(30);
    await laptop.page.getByRole("status").getByText("Playing on").waitFor();
    await until("the laptop is quiet", async () => !(await isHeard(laptop)));
    expect(await isHeard(phone)).toBe(true);
    await player.getByRole("button", { name: "Next" }).click();
    await player.getByText("Minuet in G Major").waitFor({ state: "detached" });
    await player.getByRole("button", { name: "Pause" }).waitFor();
    await player.getByRole("button", { name: "Pause" }).click();
    await laptop.page.getByRole("status").getByText("Playing on").waitFor({ state: "detached" });
    // The browser notes the refusal by which a device learns that its place is gone.
    const refusal = /^Failed to load resource: the server responded with a status of 403 /;
    const errors = [...phone.errors, ...laptop.errors].filter((text) => !refusal.test(text));
    expect(errors).toEqual([]);
  }, 60_000);
});

describe("A listener who is refused", () => {
  it("a wrong password, and is told so", async () => {
    const { page } = await visit();
    await page.getByLabel("E-mail").fill("listener@example.com");
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("The e-mail address or the password is wrong").waitFor();
  }, 60_000);

  it("a premium song, and hears 30 s of it until the plan includes it", async () => {
    const visitor = await visit();
    const { page, audio } = visitor;
    await register(visitor, "On plan free");
    await page.getByRole("link", { name: "30 s preview" }).first().waitFor();
    await page.getByRole("button", { name: "Play Ode to Joy" }).click();
    await until("the preview is heard", async () => ((await audio())?.currentTime ?? 0) > 0.3);
    const { duration = 0 } = (await audio()) ?? {};
    expect(duration).toBeGreaterThan(29);
    expect(duration).toBeLessThan(31);

    await navigate(visitor, "Account");
    await page.getByRole("button", { name: /Plus/ }).click();
    await navigate(visitor, "Library");
    const player = page.getByRole("region", { name: "Player" });
    await player.getByRole("link", { name: "30 s preview" }).waitFor({ state: "detached" });
    await until("the whole song is there", async () => ((await audio())?.duration ?? 0) > 36);
    expect(visitor.errors).toEqual([]);
  }, 60_000);
});
