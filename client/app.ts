import type { Song } from "../core/contract/catalogue.ts";
import { type Api, createApi } from "./api.ts";
import type { Clock } from "./clock.ts";
import { ApiFailure, isSignedOut, messageOf } from "./failure.ts";
import { callOnce, createHttp } from "./http.ts";
import type { OpenSocket } from "./live/connection.ts";
import { createPlayer } from "./player.ts";
import { createProbe } from "./probe.ts";
import { createRenewal, type Exclusive, type LeaseBox } from "./renewal.ts";
import type { Settings } from "./settings.ts";
import { createCatalogueFeed } from "./state/catalogue.ts";
import type { ChangeQueue } from "./state/change-queue.ts";
import type { Pending } from "./state/changes.ts";
import { createHandoff } from "./state/handoff.ts";
import { createPlayback, type Volume } from "./state/playback.ts";
import type { Router } from "./state/router.ts";
import { createSessionStore } from "./state/session.ts";
import { createSongCache } from "./state/songs.ts";
import { createSync } from "./state/sync.ts";
import { createToasts } from "./state/toasts.ts";
import type { Tabs } from "./tabs/election.ts";

/** Everything the elements show and call; they own nothing themselves. */
export type App = ReturnType<typeof createApp>;

/** What a browser gives the player. */
export type Surroundings = {
  fetch: typeof fetch;
  openSocket: OpenSocket;
  exclusive: Exclusive;
  clock: Clock;
  random: () => number;
  newId: () => string;
  device: { id: string; name: string };
  lease: LeaseBox;
  tabs: Tabs;
  /** Own changes of a user that are not sent yet, as they were left. */
  openQueue: (userId: string) => ChangeQueue;
  volume: Settings<Volume>;
  shortcuts: Settings<boolean>;
  router: Router;
};

export function createApp(world: Surroundings) {
  const { clock, router } = world;
  const toasts = createToasts(clock);
  const renewal = createRenewal({
    ...world,
    box: world.lease,
    refresh: () => callOnce(world, "/api/auth/refresh", { method: "POST" }),
  });
  const http = createHttp({
    ...world,
    renew: renewal.renew,
    signedOut: () => session.ended(),
  });
  const api: Api = createApi(http);
  const session = createSessionStore({
    api,
    renewal,
    deviceName: world.device.name,
    onDeleted: () => sync.forgetChanges(),
  });
  const songs = createSongCache((id) => api.song(id));
  const catalogue = createCatalogueFeed({ ...world, outdate: songs.outdate });
  const player = createPlayer({
    ...world,
    probe: createProbe({ ...world, now: clock.now, renew: renewal.renew }),
    ready: renewal.ensureFresh,
    ended: () => playback.songEnded(),
  });
  const playback = createPlayback({ ...world, player });
  let isRefusalKnown = false;
  const sync = createSync({
    ...world,
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
    deviceId: world.device.id,
    player: player.state,
    devices: sync.devices,
    send: sync.send,
    tellTabs: sync.plays,
    song: (songId) => api.song(songId),
    play: (song, at) => playback.goOn(song, at),
    pause: () => playback.pause(),
    playsAlone: () => session.user.get()?.entitlements.devices === 1,
    giveWay: (deviceName) => player.giveWay([deviceName]),
    checkPlace: () => void player.checkPlace(),
    placeFreed: player.placeFreed,
    tell: (text) => toasts.show(text),
  });

  const seePlans = { label: "See plans", run: () => router.navigate("/account") };

  /** Tells a failure; where a better plan would help, shows the way. */
  function report(error: unknown): void {
    const action = needsPlan(error) ? { action: seePlans } : {};
    toasts.show(messageOf(error), { tone: "problem", ...action });
  }

  /** The change may be of an earlier visit, so that this page has not met its song. */
  async function explainRefusal({ songId }: Pending, error: unknown): Promise<void> {
    const known = songs.byId.get().get(songId) ?? (await api.song(songId).catch(() => "missing" as const));
    const title = known === "missing" ? "" : `“${known.title}”: `;
    const action = needsPlan(error) ? { action: seePlans } : {};
    toasts.show(`${title}${messageOf(error)}`, { tone: "problem", ...action });
  }

  player.state.subscribe(({ status, error }) => {
    if (status !== "failed") return;
    if (isSignedOut(error)) session.ended();
    else report(error);
  });

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

  function wake(): void {
    if (session.state.get().kind === "unreachable") void session.restore();
    void renewal.ensureFresh().catch(() => {});
    sync.wake();
    player.wake();
  }

  const applyPlan = () => playback.setPlan(session.user.get()?.plan ?? "free");

  let userId: string | undefined;
  session.user.subscribe((user) => {
    // Nodes hear of a new plan by push, as this device does: asked earlier, they would still send by the old one.
    if (user?.userId === userId) return void clock.after(planSettlesMs, applyPlan);
    userId = user?.userId;
    applyPlan();
    if (user) sync.enter(user.userId);
    else sync.leave();
    if (user) return;
    handoff.forget();
    playback.clear();
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
    shortcuts: world.shortcuts,
    report,
    subscribe,
    unsubscribe,
    wake,
  };
}

/** When no push has told of a changed plan by then, there is no live session to tell. */
const planSettlesMs = 1_500;

const needsPlan = (error: unknown): boolean =>
  error instanceof ApiFailure && error.problem?.requiredPlan !== undefined;
