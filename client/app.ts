import type { Song } from "../core/contract/catalogue.ts";
import type { ClientClock } from "./clock.ts";
import { coverQueue } from "./cover-queue.ts";
import type { AudioOutput } from "./howl-playback.ts";
import type { OpenSocket } from "./live/connection.ts";
import { createNetwork } from "./network.ts";
import { createPlaying } from "./playing.ts";
import type { AccessCookieStore, Exclusive } from "./renewal.ts";
import type { Settings } from "./settings.ts";
import { createAuthStore } from "./state/auth.ts";
import { createCatalogueFeed } from "./state/catalogue.ts";
import type { ChangeQueue } from "./state/change-queue.ts";
import type { Pending } from "./state/changes.ts";
import { createHandoff } from "./state/handoff.ts";
import { createKnownSongs } from "./state/known-songs.ts";
import type { Volume } from "./state/playback.ts";
import { createReports } from "./state/reports.ts";
import type { Router } from "./state/router.ts";
import type { SavedPlayback } from "./state/saved-playback.ts";
import { createSync } from "./state/sync.ts";
import { createToasts } from "./state/toasts.ts";
import type { Tabs } from "./tabs/election.ts";

/** Everything the elements show and call; they own nothing themselves. */
export type App = ReturnType<typeof createApp>;

/** What a browser gives the player. */
export type Platform = {
  fetch: typeof fetch;
  openSocket: OpenSocket;
  exclusive: Exclusive;
  clock: ClientClock;
  random: () => number;
  newId: () => string;
  device: { id: string; name: string };
  accessCookie: AccessCookieStore;
  tabs: Tabs;
  /** Own changes of a user that are not sent yet, as they were left. */
  openQueue: (userId: string) => ChangeQueue;
  /** What makes sound. */
  output: AudioOutput;
  /** What a user heard last, as it was left. */
  openSavedPlayback: (userId: string) => SavedPlayback;
  volume: Settings<Volume>;
  shortcuts: Settings<boolean>;
  router: Router;
};

export function createApp(platform: Platform) {
  const { clock, router } = platform;
  const toasts = createToasts(clock);
  const reports = createReports({ toasts, router });
  const { api, renewal, probe, serverNow, ...network } = createNetwork({
    ...platform,
    signedOut: () => session.ended(),
  });
  const session = createAuthStore({
    api,
    renewal,
    deviceName: platform.device.name,
    onDeleted: () => sync.forgetChanges(),
  });
  const songs = createKnownSongs((id) => api.song(id), clock);
  const catalogue = createCatalogueFeed({ ...platform, outdate: songs.outdate });
  const { player, playback, memory } = createPlaying({
    ...platform,
    probe,
    ready: renewal.ensureFresh,
    song: (songId) => api.song(songId),
    signedOut: () => session.ended(),
    songUnplayable: reports.unplayable,
  });
  let isRefusalKnown = false;
  const sync = createSync({
    ...platform,
    serverNow,
    api,
    isSignedIn: renewal.isOf,
    refused: (change, error) => void explainRefusal(change, error),
    delayed: () =>
      toasts.show("Encore cannot save changes just now. Yours wait here, and are sent as soon as it can.", {
        tone: "problem",
      }),
    onAccount: (account) => {
      session.accountChanged(account);
      applyPlan();
    },
    onPlayback: ({ state }) => handoff.receive(state),
    onProblem: ({ kind, title, detail }) => {
      // It is refused again with each try, and said once.
      if (kind !== "too-many-connections" || isRefusalKnown) return;
      isRefusalKnown = true;
      toasts.show(detail ?? title, { tone: "problem" });
    },
    catalogue,
    onEnded: session.ended,
    playsElsewhere: () => handoff.playsInOtherTab(),
  });
  sync.state.subscribe(({ kind }) => {
    if (kind === "live" || kind === "stopped") isRefusalKnown = false;
  });
  const handoff = createHandoff({
    clock,
    serverNow,
    deviceId: platform.device.id,
    player: player.state,
    devices: sync.devices,
    send: sync.send,
    tellTabs: sync.plays,
    song: (songId) => api.song(songId),
    play: (song, at) => playback.goOn(song, at),
    pause: () => playback.pause(),
    playsAlone: () => session.user.get()?.entitlements.devices === 1,
    giveWay: (deviceName) => player.giveWay([deviceName]),
    checkSlot: () => void player.checkSlot(),
    slotFreed: player.slotFreed,
    tell: (text) => toasts.show(text),
  });

  /** The change may be of an earlier visit, so that this page has not met its song. */
  async function explainRefusal({ songId }: Pending, error: unknown): Promise<void> {
    const known = songs.byId.get().get(songId) ?? (await api.song(songId).catch(() => "missing" as const));
    reports.refusedChange(known === "missing" ? undefined : known, error);
  }

  // On a slow line a song comes before the covers of what else is shown.
  player.state.subscribe(({ status, waitingFor }) => coverQueue.hold(status === "waiting" && !waitingFor));

  function subscribe(song: Song): void {
    songs.keep([song]);
    sync.change({ op: "put", songId: song.songId, input: {} });
  }

  /** Takes a song off the list, and offers to put it back as it was. */
  function unsubscribe(song: Song): void {
    const { songId } = song;
    const before = sync.subscriptions.get()?.get(songId);
    sync.change({ op: "delete", songId });
    if (!before) return;
    const { rating, tags, pinned } = before;
    const input = { tags, pinned, ...(rating === undefined ? {} : { rating }) };
    const run = () => sync.change({ op: "put", songId, input });
    toasts.show(`Unsubscribed from “${song.title}”`, { action: { label: "Undo", run } });
  }

  /** The network or the user is back. */
  function wake(): void {
    if (session.state.get().kind === "unreachable") void session.restore();
    void network.wake().catch(() => {});
    sync.wake();
    player.wake();
  }

  const applyPlan = () => playback.setPlan(session.user.get()?.plan ?? "free");

  function enter(userId: string): void {
    sync.enter(userId);
    void memory.enter(userId);
  }

  function leave(): void {
    sync.leave();
    handoff.forget();
    playback.clear();
    memory.leave();
  }

  let userId: string | undefined;
  session.user.subscribe((user) => {
    // Nodes hear of a new plan by push, as this device does: asked earlier, they would still send by the old one.
    if (user?.userId === userId) return void clock.after(planSettlesMs, applyPlan);
    userId = user?.userId;
    applyPlan();
    if (user) enter(user.userId);
    else leave();
  });

  return {
    api,
    session,
    songs,
    catalogue,
    playback,
    handoff,
    sync,
    router,
    toasts,
    shortcuts: platform.shortcuts,
    report: reports.report,
    subscribe,
    unsubscribe,
    wake,
  };
}

/** When no push has told of a changed plan by then, there is no live connection to tell. */
const planSettlesMs = 1_500;
