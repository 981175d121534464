import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "playwright-core";
import type { EncoreApp } from "../../client/elements/encore-app.ts";
import { type Case, type Outcome, same } from "./case.ts";
import { folderOf, type Stage, songsOf } from "./stage.ts";

type State = {
  readonly title?: string;
  readonly status: string;
  readonly position: number;
  readonly duration: number;
  readonly queued: number;
};

const minuet = "Minuet in G Major";
const ode = "Ode to Joy";

/** Plays the songs of these titles, one after the other. */
const play = (page: Page, titles: readonly string[]): Promise<void> =>
  page.evaluate(async (all) => {
    const { app } = document.querySelector("encore-app") as EncoreApp;
    const songs = await Promise.all(
      all.map(async (title) => {
        const { items } = await app.api.songs({ q: title, limit: 50 });
        const song = items.find((one) => one.title === title);
        if (!song) throw new Error(`${title} is not in the library`);
        return song;
      }),
    );
    app.playback.play(songs, 0);
  }, titles);

const stateOf = (page: Page): Promise<State> =>
  page.evaluate(() => {
    const { playback } = (document.querySelector("encore-app") as EncoreApp).app;
    const { song, status, position, duration } = playback.player.get();
    const queued = playback.queue.get().songs.length;
    return { ...(song && { title: song.title }), status, position, duration, queued };
  });

/** Opens what plays once more, from this second on, as after a break of the network. */
const goOn = (page: Page, at: number): Promise<void> =>
  page.evaluate((seconds) => {
    const { playback } = (document.querySelector("encore-app") as EncoreApp).app;
    const { song } = playback.player.get();
    if (song) playback.goOn(song, seconds);
  }, at);

const inWords = ({ title = "nothing", status, position, duration }: State): string =>
  `${title} ${status} at ${position.toFixed(0)} of ${duration.toFixed(0)} s`;

const isAt = ({ position }: State, from: number, to: number): boolean => position >= from && position <= to;

/** With a page of its own, in which nothing was played. */
const withPage =
  (attempt: (page: Page, stage: Stage) => Promise<Outcome>): Case["attempt"] =>
  async (stage) => {
    const { page, context } = await stage.openPage();
    try {
      return await attempt(page, stage);
    } finally {
      await context.close();
    }
  };

/** What a second device is told of the first (seconds). */
async function toldElsewhere({ openPage }: Stage): Promise<number> {
  const { page, context } = await openPage();
  await page
    .getByRole("button", { name: "Play here" })
    .waitFor({ timeout: 5_000 })
    .catch(() => {});
  const seconds = await page.evaluate(() => {
    const { handoff } = (document.querySelector("encore-app") as EncoreApp).app;
    return handoff.elsewhere.get()?.positionSeconds ?? -1;
  });
  await context.close();
  return seconds;
}

/** As a node that drains answers. */
const busy = {
  status: 503,
  headers: { "retry-after": "1", "content-type": "application/problem+json" },
  body: JSON.stringify({
    type: "about:blank",
    title: "Unavailable",
    status: 503,
    kind: "unavailable",
    detail: "This server is being replaced; try again",
  }),
};

/** What a person sees of the player in a real browser. */
export const playerCases: readonly Case[] = [
  {
    name: "05-flac-of-unknown-length",
    right: "moves on to 8 of 90 s, goes on there, and a second device is told so",
    async attempt(stage) {
      await stage.importFolder(folderOf(this.name));
      return withPage(async (page) => {
        await play(page, ["Unknown length"]);
        await pause(9_000);
        const heard = await stateOf(page);
        const told = await toldElsewhere(stage);
        await goOn(page, 8);
        await pause(3_000);
        const again = await stateOf(page);
        const ok = isAt(heard, 6, 10) && Math.abs(heard.duration - 90) < 1 && told >= 4 && isAt(again, 8, 12);
        return {
          ok,
          came: `${inWords(heard)}; told ${told.toFixed(0)} s; then at ${again.position.toFixed(0)} s`,
        };
      })(stage);
    },
  },
  {
    name: "06-vbr-length-in-player",
    right: "24 s in the list; 24, 24, 24 s in the player",
    async attempt(stage) {
      const { songs } = await stage.importFolder(folderOf(this.name));
      return withPage(async (page) => {
        await play(page, ["Loud start"]);
        const told: string[] = [];
        for (let time = 0; time < 3; time++) {
          await pause(2_000);
          told.push((await stateOf(page)).duration.toFixed(0));
        }
        return same(
          `${songs[0]?.durationSeconds.toFixed(0)} s in the list; ${told.join(", ")} s in the player`,
          this.right,
        );
      })(stage);
    },
  },
  {
    name: "24-no-browser-plays-it",
    right: "the player tells of it and plays the next song",
    attempt: withPage(async (page) => {
      const body = await readFile(join(folderOf("24-no-browser-plays-it"), "ac3.m4a"));
      const { songId } = await page.evaluate(
        async () =>
          (await (document.querySelector("encore-app") as EncoreApp).app.api.songs({ q: "Ode to Joy" }))
            .items[0] ?? {
            songId: "",
          },
      );
      await page.route(`**/stream/${songId}*`, (route) =>
        route.fulfill({ status: 200, contentType: "audio/mp4", body }),
      );
      await play(page, [ode, minuet]);
      // Whatever is said of the song that cannot be played, by its title, outside of the lists.
      const notice = page.locator("encore-toasts, encore-player-bar").getByText(/cannot (be )?play/i);
      const told = await notice
        .first()
        .waitFor({ timeout: 30_000 })
        .then(
          () => true,
          () => false,
        );
      const isNext = async () => {
        const { title, status } = await stateOf(page);
        return title === minuet && status === "playing";
      };
      for (let second = 0; second < 20 && !(await isNext()); second++) await pause(1_000);
      return {
        ok: told && (await isNext()),
        came: `${told ? "told" : "not told"}; ${inWords(await stateOf(page))}`,
      };
    }),
  },
  {
    name: "25-server-busy-for-a-moment",
    right: `${minuet} waits, then plays on from 20 s`,
    attempt: withPage(async (page) => {
      await play(page, [minuet]);
      await pause(3_000);
      await page.route("**/stream/**", (route) => route.fulfill(busy));
      await goOn(page, 20);
      await pause(2_500);
      const during = await stateOf(page);
      await page.unroute("**/stream/**");
      await pause(12_000);
      const after = await stateOf(page);
      const ok = during.status === "waiting" && after.status === "playing" && after.position > 20;
      return { ok, came: `${inWords(during)}; 12 s later ${inWords(after)}` };
    }),
  },
  {
    name: "29-queue-of-one-page",
    right: "the queue goes to the end of the list, or is filled as it goes",
    attempt: withPage(async (page, { listener }) => {
      const { length } = await songsOf(listener);
      await page
        .locator("encore-song-list")
        .getByRole("button", { name: /^Play / })
        .nth(3)
        .click();
      await pause(3_000);
      const { queued } = await stateOf(page);
      return { ok: length > 50 && queued > 50, came: `${queued} of ${length} songs` };
    }),
  },
  {
    name: "30-queue-after-reload",
    right: `${minuet} paused at about its second, 2 songs in the queue`,
    attempt: withPage(async (page) => {
      await play(page, [minuet, ode]);
      await pause(4_000);
      const before = await stateOf(page);
      await page.reload();
      await page.getByRole("heading", { name: "Library" }).waitFor();
      await pause(2_000);
      const after = await stateOf(page);
      const near = Math.abs(after.position - before.position) < 3;
      const ok = after.title === minuet && after.status === "paused" && after.queued === 2 && near;
      return { ok, came: `${inWords(after)}, ${after.queued} songs` };
    }),
  },
];
