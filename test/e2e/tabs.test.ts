import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SongPage } from "../../core/contract/catalogue.ts";
import type { Connection } from "../../core/contract/ops.ts";
import type { Subscription } from "../../core/contract/subscriptions.ts";
import type { Encore } from "../../infra/local/start.ts";
import { type ApiClient, loginAt, registerAt } from "../support/api-client.ts";
import { launchBrowser } from "../support/browser.ts";
import { startTestEncore } from "../support/encore.ts";
import { navigate, openTab, type PlayerPage, signIn } from "../support/player-page.ts";
import { until } from "../support/until.ts";
import { visitPlayer } from "../support/visit-player.ts";

const password = "battery-staple-again";
let encore: Encore;
let browser: Browser;
let operator: ApiClient;

beforeAll(async () => {
  [encore, browser] = await Promise.all([
    startTestEncore({ demoTracks: 4, env: { THROTTLE_SCALE: "10" } }),
    launchBrowser(),
  ]);
  operator = await loginAt(encore.url, "ops@example.com", "encore-demo-password");
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await encore?.close();
});

type Listener = {
  readonly phone: ApiClient;
  readonly context: BrowserContext;
  /** The first tab, which leads. */
  readonly tab: PlayerPage;
  openTab(): Promise<PlayerPage>;
  /** Live connections as the server counts them. */
  connections(): Promise<number>;
  list(): Promise<readonly Subscription[]>;
};

/** A listener with a browser, and a phone that is not connected. */
async function visit(): Promise<Listener> {
  const phone = await registerAt(encore.url, password);
  const { userId } = await phone.get<{ userId: string }>("/api/me");
  const tab = await visitPlayer(browser, encore.url);
  const { context } = tab;
  await signIn(tab, phone.email, password);
  await isLive(tab.page);
  return {
    phone,
    context,
    tab,
    openTab: async () => {
      const next = await openTab(context, encore.url);
      await next.page.getByRole("heading", { name: "Library" }).waitFor();
      return next;
    },
    connections: async () =>
      (await operator.get<{ items: Connection[] }>(`/api/ops/connections?userId=${userId}`)).items.length,
    list: async () => (await phone.get<{ items: Subscription[] }>("/api/subscriptions")).items,
  };
}

const isLive = (page: Page) => page.getByRole("status").getByText("Live", { exact: true }).waitFor();
const heart = (page: Page, title: string) =>
  page.getByRole("button", { name: `Subscribe to ${title}` }).first();
const pressed = async (page: Page, title: string) =>
  (await heart(page, title).getAttribute("aria-pressed")) === "true";
const songIdOf = async (phone: ApiClient, title: string) => {
  const { items } = await phone.get<SongPage>("/api/songs");
  return items.find((song) => song.title === title)?.songId ?? "";
};

const minuet = "Minuet in G Major";

describe("Two tabs of one browser", () => {
  it("have one live connection, and what is changed in either shows in both and on other devices", async () => {
    const { tab, openTab, connections, phone, list } = await visit();
    const sockets: string[] = [];
    const second = await openTab();
    second.page.on("websocket", (socket) => sockets.push(socket.url()));
    await isLive(second.page);
    expect(await connections()).toBe(1);

    await heart(second.page, minuet).click();
    await until("the first tab shows it", () => pressed(tab.page, minuet));
    await until("the server has it", async () => (await list()).length === 1);

    await phone.request("DELETE", `/api/subscriptions/${await songIdOf(phone, minuet)}`);
    await until("both tabs show what the phone did", async () => {
      const shown = await Promise.all([tab.page, second.page].map((page) => pressed(page, minuet)));
      return shown.every((is) => !is);
    });
    expect(sockets).toEqual([]);
    expect(await connections()).toBe(1);
    expect(tab.errors).toEqual([]);
  }, 60_000);

  it("go on when the tab that leads is closed: the next one takes over and fetches no list", async () => {
    const { tab, openTab, connections, phone } = await visit();
    await heart(tab.page, "Ode to Joy").click();
    const second = await openTab();
    await isLive(second.page);
    await until("it has the list", () => pressed(second.page, "Ode to Joy"));
    const asked: string[] = [];
    second.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const socket = second.page.waitForEvent("websocket");
    await tab.page.close();
    await socket;
    await isLive(second.page);
    await until("the first session is gone", async () => (await connections()) === 1);
    await phone.request("PUT", `/api/subscriptions/${await songIdOf(phone, minuet)}`, {});
    await until("a push arrives", () => pressed(second.page, minuet));
    expect(await pressed(second.page, "Ode to Joy")).toBe(true);
    expect(asked.filter((path) => path === "/api/subscriptions")).toEqual([]);
  }, 60_000);

  it("do not both play", async () => {
    const { tab, openTab } = await visit();
    const second = await openTab();
    await tab.page.getByRole("button", { name: `Play ${minuet}` }).click();
    await until("the first plays", async () => ((await tab.audio())?.currentTime ?? 0) > 0.3);
    await second.page.getByRole("button", { name: `Play ${minuet}` }).click();
    await until("the second plays", async () => ((await second.audio())?.currentTime ?? 0) > 0.3);
    await until("the first is silent", async () => (await tab.audio())?.paused === true);
    expect((await second.audio())?.paused).toBe(false);
  }, 60_000);

  it("both leave when one signs out, and the server counts none", async () => {
    const { tab, openTab, connections } = await visit();
    const second = await openTab();
    await isLive(second.page);
    await navigate(second, "Account");
    await second.page.getByRole("button", { name: "Log out" }).click();
    for (const { page } of [tab, second]) await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await until("no session is left", async () => (await connections()) === 0);
  }, 60_000);
});

describe("A change that is made without a network", () => {
  it("outlives the page, is sent once when it is open again, and is there", async () => {
    const listener = await visit();
    const { context, openTab, list, phone } = listener;
    await changeOffline(listener, async (page) => {
      await heart(page, minuet).click();
      await until("it shows", () => pressed(page, minuet));
    });
    expect(await list()).toEqual([]);
    await context.setOffline(false);

    const sent: string[] = [];
    context.on("request", (request) => {
      if (request.method() === "PUT") sent.push(request.headers()["idempotency-key"] ?? "");
    });
    const again = await openTab();
    await until("the server has it", async () => (await list()).length === 1);
    await until("it shows", () => pressed(again.page, minuet));
    await until("nothing waits", async () => (await waiting(again.page)) === 0);
    expect(sent).toEqual([expect.stringMatching(/^[0-9a-z]{9}-/)]);
    const { revision } = await phone.get<{ revision: number }>("/api/subscriptions");
    expect(revision).toBe(1);
  }, 60_000);

  it("is refused and told when another device changed the song meanwhile, whose change stands", async () => {
    const listener = await visit();
    const { tab, context, openTab, list, phone } = listener;
    await heart(tab.page, minuet).click();
    await until("the server has it", async () => (await list()).length === 1);
    await until("nothing waits", async () => (await waiting(tab.page)) === 0);
    await changeOffline(listener, async (page) => {
      await heart(page, minuet).click();
      await until("it is off the list here", async () => !(await pressed(page, minuet)));
    });
    const path = `/api/subscriptions/${await songIdOf(phone, minuet)}`;
    expect((await phone.request("PATCH", path, { rating: 5 })).status).toBe(200);
    await context.setOffline(false);

    const again = await openTab();
    await again.page.getByText(/“Minuet in G Major”: Changed on another device meanwhile/).waitFor();
    await until("the other's change shows", () => pressed(again.page, minuet));
    expect(await list()).toMatchObject([{ rating: 5 }]);
    expect(await waiting(again.page)).toBe(0);
  }, 60_000);
});

/**
 * Makes a change that finds no network, and crashes the page. One that is closed goes back online for an instant as the
 * browser tool lets go of it, and would send the change.
 */
async function changeOffline(
  { context, tab }: Listener,
  change: (page: Page) => Promise<void>,
): Promise<void> {
  await context.setOffline(true);
  const failed = context.waitForEvent("requestfailed", (request) => request.method() !== "GET");
  await change(tab.page);
  await failed;
  const crashed = tab.page.waitForEvent("crash");
  const tools = await context.newCDPSession(tab.page);
  void tools.send("Page.crash").catch(() => {});
  await crashed;
  await tab.page.close();
}

const waiting = (page: Page): Promise<number> =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("encore.change.")).length);
