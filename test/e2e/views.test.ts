import axe from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Encore } from "../../infra/local/start.ts";
import { launchBrowser } from "../support/browser.ts";
import { startTestEncore } from "../support/encore.ts";
import {
  desktop,
  navigate,
  openPlayer,
  type PlayerPage,
  phone,
  register,
  signIn,
} from "../support/player-page.ts";

let encore: Encore;
let browser: Browser;
const demoPassword = "encore-demo-password";

beforeAll(async () => {
  [encore, browser] = await Promise.all([startTestEncore({ demoTracks: 2 }), launchBrowser()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await encore?.close();
});

async function visit(viewport = desktop): Promise<PlayerPage> {
  const visitor = await openPlayer(browser, encore.url, viewport);
  onTestFinished(() => visitor.context.close());
  return visitor;
}

type Violation = { readonly id: string; readonly targets: readonly string[] };

/** What WCAG 2.2 AA has to say of the page as it stands. */
async function violations({ page }: PlayerPage): Promise<Violation[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: engine } = window as unknown as { axe: typeof import("axe-core") };
    const runOnly = { type: "tag" as const, values: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] };
    const { violations: found } = await engine.run(document, { runOnly });
    return found.map(({ id, nodes }) => ({ id, targets: nodes.map(({ html }) => html.slice(0, 120)) }));
  });
}

const overflows = ({ page }: PlayerPage) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

describe.each([
  ["phone, dark", phone, "dark"],
  ["desktop, light", desktop, "light"],
] as const)("On a %s", (_, viewport, colorScheme) => {
  it("every view is accessible and as wide as the window", async () => {
    const visitor = await visit(viewport);
    const { page } = visitor;
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const problems: Record<string, unknown> = {};
    const look = async (name: string) => {
      const found = await violations(visitor);
      if (found.length > 0) problems[name] = found;
      if (await overflows(visitor)) problems[`${name}: width`] = "wider than the window";
    };
    await look("signing in");
    await page.getByRole("button", { name: "Create an account" }).click();
    await look("registering");
    await page.getByRole("button", { name: "Sign in" }).click();
    await signIn(visitor, "ops@example.com", demoPassword);
    const subscribe = page.getByRole("button", { name: "Subscribe to Minuet in G Major" }).first();
    if ((await subscribe.getAttribute("aria-pressed")) === "false") await subscribe.click();
    await page.getByRole("button", { name: "Play Minuet in G Major" }).click();
    await page.getByRole("region", { name: "Player" }).getByRole("button", { name: "Pause" }).waitFor();
    await look("the library, playing");
    await navigate(visitor, "Albums");
    await page
      .getByRole("link", { name: /Keyboard Mornings/ })
      .first()
      .waitFor();
    await look("the albums");
    await page
      .getByRole("link", { name: /Keyboard Mornings/ })
      .first()
      .click();
    await page.getByRole("button", { name: /Play album/ }).waitFor();
    await look("an album");
    await navigate(visitor, "Subscriptions");
    await page.getByRole("list", { name: "My subscriptions" }).waitFor();
    await look("the subscriptions");
    await navigate(visitor, "Account");
    await page.getByRole("heading", { name: "Signed-in devices" }).waitFor();
    await page
      .getByRole("button", { name: /Sign out/ })
      .first()
      .waitFor();
    await look("the account");
    await navigate(visitor, "Operations");
    await page.getByRole("list", { name: "Connections" }).waitFor();
    await look("operations");
    expect(problems).toEqual({});
    expect(visitor.errors).toEqual([]);
  }, 60_000);
});

describe("An operator", () => {
  it("sees who is connected, and ends a connection, whose listener is told", async () => {
    const [listener, operator] = [await visit(), await visit()];
    await register(listener, "Watched");
    await listener.page.getByRole("status").getByText("Live").waitFor();
    await signIn(operator, "ops@example.com", demoPassword);
    await navigate(operator, "Operations");
    const connections = operator.page.getByRole("list", { name: "Connections" });
    await connections.waitFor();
    const { userId } = await listener.page.evaluate(async () => (await fetch("/api/me")).json());
    const row = connections.getByRole("listitem").filter({ hasText: userId });
    await row.getByRole("button", { name: /^End the connection/ }).click();
    await listener.page.getByText("Your session has ended").waitFor();
    await row.waitFor({ state: "detached" });
  }, 60_000);

  it("is the only one with that page", async () => {
    const listener = await visit();
    await register(listener, "Curious");
    const main = listener.page.getByRole("navigation", { name: "Main" });
    expect(await main.getByRole("link", { name: "Operations" }).count()).toBe(0);
    const asked: string[] = [];
    listener.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await listener.page.goto(`${encore.url}/operations`);
    await listener.page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await listener.page.getByRole("status").getByText("Live").waitFor();
    expect(asked.filter((path) => path.startsWith("/api/ops"))).toEqual([]);
  }, 60_000);
});

describe("An address", () => {
  it("of a song leads to it in its album; of nothing says so, to the eye and to the ear", async () => {
    const visitor = await visit();
    const { page } = visitor;
    await page.goto(`${encore.url}/Register/`);
    await page.getByRole("heading", { name: "Create your account" }).waitFor();
    await page.goto(`${encore.url}/nothing`);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    expect(await page.title()).toBe("There is no such page · Encore");
    await page.goto(`${encore.url}/sign-in`);
    await signIn(visitor, "ops@example.com", demoPassword);
    expect(new URL(page.url()).pathname).toBe("/");
    const { songId, title, album } = await page.evaluate(
      async () => (await (await fetch("/api/songs?q=minuet")).json()).items[0],
    );
    await page.goto(`${encore.url}/Songs/${songId}/`);
    const named = page.locator("encore-album-page li[aria-current=true]");
    await named.getByRole("button", { name: `Play ${title}` }).waitFor();
    expect([new URL(page.url()).pathname, await page.title()]).toEqual([
      `/songs/${songId}`,
      `${title} · ${album} · Encore`,
    ]);
    for (const kind of ["song", "album", "artist"]) {
      await page.goto(`${encore.url}/${kind}s/${songId.toLowerCase()}x`);
      await page.getByRole("heading", { name: `There is no such ${kind}` }).waitFor();
      expect(await page.title()).toBe(`There is no such ${kind} · Encore`);
    }
    await page.getByRole("link", { name: "Back to the library" }).click();
    await page
      .getByRole("list", { name: "Albums" })
      .getByRole("link", { name: new RegExp(album) })
      .click();
    const heading = page.getByRole("heading", { name: album, level: 1 });
    await heading.waitFor();
    expect(await heading.evaluate((element) => element.matches(":focus"))).toBe(true);
  }, 60_000);
});
