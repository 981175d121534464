import axe from "axe-core";
import type { Browser, Locator, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Song, SongPage } from "../../core/contract/catalogue.ts";
import type { Encore } from "../../infra/local/start.ts";
import { type ApiClient, loginAt } from "../support/api-client.ts";
import { launchBrowser } from "../support/browser.ts";
import { startTestEncore } from "../support/encore.ts";
import { beyondTheSides } from "../support/overflow.ts";
import {
  desktop,
  navigate,
  openTab,
  type PlayerPage,
  phone,
  register,
  signIn,
} from "../support/player-page.ts";
import { visitPlayer } from "../support/visit-player.ts";

let encore: Encore;
let browser: Browser;
let curator: ApiClient;
const demoPassword = "encore-demo-password";
/** A window of 1280 px at 400 % (WCAG 2.2, 1.4.10). */
const narrow = { width: 320, height: 180 };
/** As long as a name may be, and nowhere to break it. */
const longName = "W".repeat(200);

beforeAll(async () => {
  [encore, browser] = await Promise.all([startTestEncore({ demoTracks: 3 }), launchBrowser()]);
  curator = await loginAt(encore.url, "curator@example.com", demoPassword);
  const { items } = await curator.get<SongPage>("/api/songs");
  const other = items.find(({ title }) => title !== "Minuet in G Major");
  const names = { title: longName, artist: longName, album: longName, albumArtist: longName };
  await curator.request("PATCH", `/api/songs/${other?.songId}`, names);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await encore?.close();
});

const search = ({ page }: PlayerPage, text: string) =>
  page.getByRole("searchbox", { name: /^Search/ }).fill(text);

/** The demo account may have done so before. */
async function subscribeTo(row: Locator): Promise<void> {
  const button = row.getByRole("button", { name: /^Subscribe to/ });
  if ((await button.getAttribute("aria-pressed")) === "false") await button.click();
}

const visit = (viewport = desktop): Promise<PlayerPage> => visitPlayer(browser, encore.url, viewport);

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
      for (const size of [viewport, narrow]) {
        await page.setViewportSize(size);
        const beyond = await beyondTheSides(page);
        if (beyond.length > 0) problems[`${name}, ${size.width} px wide`] = beyond;
      }
      await page.setViewportSize(viewport);
    };
    await look("signing in");
    await page.getByRole("button", { name: "Create an account" }).click();
    await look("registering");
    await page.getByRole("button", { name: "Sign in" }).click();
    await signIn(visitor, "ops@example.com", demoPassword);
    await subscribeTo(page.getByRole("listitem").filter({ hasText: "Minuet in G Major" }).last());
    await page.getByRole("button", { name: "Play Minuet in G Major" }).click();
    await page.getByRole("region", { name: "Player" }).getByRole("button", { name: "Pause" }).waitFor();
    await look("the library, playing");
    await search(visitor, longName);
    // What was found before is dim until the answer comes.
    await page.locator('ul[aria-busy="false"]').filter({ hasNotText: "Minuet in G Major" }).waitFor();
    await look("a search");
    await page.getByRole("searchbox", { name: /^Search/ }).fill("");
    await navigate(visitor, "Albums");
    await page
      .getByRole("link", { name: /Keyboard Mornings/ })
      .first()
      .waitFor();
    await look("the albums");
    await page.getByRole("link", { name: longName }).first().click();
    await page.getByRole("button", { name: /Play album/ }).waitFor();
    await look("an album");
    const song = page.getByRole("list", { name: /^Songs of/ }).getByRole("listitem");
    await song.getByRole("button", { name: /^Play/ }).click();
    await subscribeTo(song);
    await song.getByRole("button", { name: /^Subscribe/, pressed: true }).click();
    await page.getByText(`Unsubscribed from “${longName}”`).waitFor();
    await look("a long message");
    await page.getByRole("button", { name: "Undo" }).last().click();
    await song.getByRole("link").first().click();
    await page.getByRole("heading", { name: longName, level: 1 }).waitFor();
    await look("an artist");
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
    await row.waitFor({ state: "detached" });
    await listener.page.getByText("Your session has ended").waitFor();
    const button = await operator.page.evaluate(deepFocus);
    expect(button).toMatch(/^End the connection/);
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

describe("Covers", () => {
  it("are asked for a few at a time, and none while a song opens", async () => {
    const visitor = await visit();
    const { page } = visitor;
    const covers: Route[] = [];
    const songs: Route[] = [];
    await page.route("**/covers/**", (route) => void covers.push(route));
    await page.route("**/stream/**", (route) => void songs.push(route));
    await page.route("**/api/songs?*", async (route) => {
      const answer = await route.fetch();
      const { items } = await answer.json();
      const more = Array.from({ length: 8 }, (_, n) => ({
        ...items[0],
        songId: `s${n}`,
        coverUrl: `/covers/s${n}?v=1`,
      }));
      await route.fulfill({ response: answer, json: { items: [...items, ...more] } });
    });
    await signIn(visitor, "ops@example.com", demoPassword);
    await expect.poll(() => covers.length).toBe(3);
    await covers[0]?.abort();
    await expect.poll(() => covers.length).toBe(4);
    await page.getByRole("button", { name: "Play Minuet in G Major" }).first().click();
    await expect.poll(() => songs.length).toBe(1);
    // The others begin as soon as the page hears that these have failed.
    const failed = covers
      .slice(1)
      .map((route) => page.waitForEvent("requestfailed", (request) => request === route.request()));
    for (const route of covers.slice(1)) await route.abort();
    await Promise.all(failed);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    expect(covers.length).toBe(4);
    await page.unroute("**/stream/**");
    await songs[0]?.continue();
    await expect.poll(() => covers.length).toBeGreaterThan(4);
  }, 60_000);
});

describe("The player at 400 %", () => {
  it("keeps every control, by keyboard too, and shows its states in forced colours", async () => {
    const visitor = await visit(narrow);
    const { page } = visitor;
    await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
    await register(visitor, "Close up");
    await page.locator("h1:focus").getByText("Library").waitFor();
    await page.getByRole("button", { name: "Play Minuet in G Major" }).click();
    const bar = page.getByRole("region", { name: "Player" });
    await bar.getByRole("button", { name: "More controls" }).press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(deepFocus)).toBe("Shuffle");
    for (const name of ["Shuffle", "Repeat off", "Mute", "Subscribe to Minuet in G Major"]) {
      const button = bar.getByRole("button", { name });
      const before = await button.evaluate((element) => getComputedStyle(element).backgroundColor);
      await button.press("Enter");
      const pressed = bar.getByRole("button", { name: name.replace("off", "all"), pressed: true });
      expect(await pressed.evaluate((element) => getComputedStyle(element).backgroundColor)).not.toBe(before);
      expect((await pressed.boundingBox())?.y).toBeLessThan(narrow.height);
    }
    const volume = bar.getByRole("slider", { name: "Volume" });
    await volume.press("Home");
    expect(await volume.getAttribute("aria-valuetext")).toBe("0 %");
    await bar.getByRole("slider", { name: "Seek" }).waitFor();
    expect(await beyondTheSides(page)).toEqual([]);
    const link = page.getByRole("link", { name: "All albums" });
    await link.focus();
    await bar.getByRole("button", { name: "More controls", expanded: false }).waitFor();
    expect((await link.boundingBox())?.y).toBeLessThan((await bar.boundingBox())?.y ?? 0);
    const row = page.getByRole("listitem").filter({ hasText: "Minuet in G Major" }).locator(".current");
    expect(await row.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe("solid");
    expect(visitor.errors).toEqual([]);
  }, 60_000);
});

describe("An album", () => {
  it("shows its discs, and each artist of a song has a page with all that they are on", async () => {
    const curator = await loginAt(encore.url, "curator@example.com", demoPassword);
    const { items } = await curator.get<SongPage>("/api/songs");
    const changes = [
      { disc: 1, artist: "Nora feat. Omar", artists: ["Nora", "Omar"] },
      { disc: 2, artist: "Nora" },
    ];
    for (const [at, change] of changes.entries()) {
      const body = {
        ...change,
        track: 1,
        year: 2011,
        album: "Two discs",
        albumArtist: "Nora",
        originalDate: "1950-02",
      };
      await curator.request("PATCH", `/api/songs/${items[at]?.songId}`, body);
    }
    const visitor = await visit();
    const { page } = visitor;
    await signIn(visitor, "listener@example.com", demoPassword);
    await page.goto(`${encore.url}/songs/${items[0]?.songId}`);
    const second = page.getByRole("list", { name: "Songs of disc 2 of Two discs" });
    await second.getByRole("button", { name: `Play ${items[1]?.title}` }).waitFor();
    expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual(["Disc 1", "Disc 2"]);
    await page.getByText(/1950, this release 2011 · 2 songs/).waitFor();
    expect(await violations(visitor)).toEqual([]);

    const first = page.getByRole("list", { name: "Songs of disc 1 of Two discs" });
    await first.getByText("Nora feat. Omar").waitFor();
    await first.getByRole("link", { name: "Omar" }).click();
    await page.getByRole("heading", { name: "Omar", level: 1 }).waitFor();
    await page
      .getByRole("list", { name: "Appears on" })
      .getByRole("link", { name: /Two discs/ })
      .waitFor();
    await page.getByRole("list", { name: "Songs" }).getByRole("link", { name: "Nora" }).click();
    await page
      .getByRole("list", { name: "Albums" })
      .getByRole("link", { name: /Two discs/ })
      .waitFor();
    expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual(["Albums", "Songs"]);
    expect(await violations(visitor)).toEqual([]);
    for (const { songId, album, albumArtist } of items)
      await curator.request("PATCH", `/api/songs/${songId}`, { album, albumArtist });
  }, 60_000);
});

describe("A change of the catalogue", () => {
  it("shows on every open page at once, which keeps its place and its focus", async () => {
    const library = await visit();
    await register(library, "Watching");
    const inContext = async () => {
      const next = await openTab(library.context, encore.url);
      await next.page.getByRole("heading", { name: "Library", exact: true }).waitFor();
      return next;
    };
    const [album, subscriptions] = [await inContext(), await inContext()];
    const { items } = await curator.get<SongPage>("/api/songs?title=minuet");
    const [song] = items as [Song];
    const rename = (title: string) => curator.request("PATCH", `/api/songs/${song.songId}`, { title });
    await library.page.getByRole("button", { name: `Play ${song.title}` }).click();
    await library.page
      .getByRole("button", { name: `Subscribe to ${song.title}` })
      .first()
      .click();
    await album.page.goto(`${encore.url}/albums/${song.albumId}`);
    await navigate(subscriptions, "Subscriptions");
    const player = library.page.getByRole("region", { name: "Player" });
    const named = (title: string) => [
      player.getByText(title, { exact: true }),
      library.page.getByRole("list", { name: "Songs" }).getByText(title, { exact: true }),
      album.page.getByRole("list", { name: /^Songs of/ }).getByText(title, { exact: true }),
      subscriptions.page.getByRole("list", { name: "My subscriptions" }).getByText(title, { exact: true }),
    ];
    await Promise.all(named(song.title).map((place) => place.waitFor()));
    const button = album.page
      .getByRole("button", { name: `Pause ${song.title}` })
      .or(album.page.getByRole("button", { name: `Play ${song.title}` }));
    await button.focus();

    await rename("A Minuet Renamed");
    await Promise.all(named("A Minuet Renamed").map((place) => place.waitFor()));
    const focused = () => album.page.evaluate(deepFocus);
    expect(await focused()).toContain("A Minuet Renamed");

    await search(library, "renamed");
    await library.page.getByRole("heading", { name: /^Results/ }).waitFor();
    await rename("Found Again");
    await library.page.getByText("Nothing was found").waitFor();
    await search(library, "");

    await curator.request("PATCH", `/api/songs/${song.songId}`, { album: "A Renamed Album" });
    await album.page.getByRole("heading", { name: "A Renamed Album" }).waitFor();
    await curator.request("DELETE", `/api/songs/${song.songId}`);
    await subscriptions.page.getByText("A song that left the library").waitFor();
    await library.page
      .getByRole("list", { name: "Songs" })
      .getByText("Found Again")
      .waitFor({ state: "detached" });
  }, 90_000);
});

/** Runs in the page: the accessible name of what has the focus, whatever shadow root it is in. */
function deepFocus(): string {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused?.getAttribute("aria-label") ?? "";
}
