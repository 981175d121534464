import { createApp } from "./app.ts";
import { browserClock } from "./clock.ts";
import "./elements/encore-app.ts";
import { browserNameOf } from "./device.ts";
import { howlOutput } from "./howl-playback.ts";
import { connectMediaSession } from "./media-session.ts";
import type { AccessCookie } from "./renewal.ts";
import { createSettings } from "./settings.ts";
import { createChangeQueue, nowhere } from "./state/change-queue.ts";
import type { Volume } from "./state/playback.ts";
import { createRouter } from "./state/router.ts";
import { openSavedPlayback } from "./state/saved-playback.ts";
import { tabsOf } from "./tabs/election.ts";

const isText = (value: unknown): value is string => typeof value === "string";
const isSwitch = (value: unknown): value is boolean => typeof value === "boolean";
const isVolume = (value: unknown): value is Volume =>
  typeof value === "object" && value !== null && "level" in value && "muted" in value;
const isAccessCookie = (value: unknown): value is AccessCookie | undefined =>
  typeof value === "object" && value !== null && "renewedAt" in value && "expiresAt" in value;

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), toHex).join("");
const toHex = (byte: number) => byte.toString(16).padStart(2, "0");

const storage = reachStorage();

/** A browser that forbids storage throws where it is only named. */
function reachStorage(): Storage | typeof nowhere {
  try {
    return localStorage;
  } catch {
    return nowhere;
  }
}

function onStorage(listener: (key: string | null) => void): () => void {
  const hear = ({ key, storageArea }: StorageEvent) => {
    if (storageArea === storage) listener(key);
  };
  addEventListener("storage", hear);
  return () => removeEventListener("storage", hear);
}

const deviceId = createSettings(storage, "encore.device", newId(), isText);
const device = { id: deviceId.read(), name: browserNameOf(navigator.userAgent) };
deviceId.write(device.id);

const app = createApp({
  fetch: (input, init) => fetch(input, init),
  openSocket: (url, protocol) => new WebSocket(new URL(url, location.href), protocol),
  exclusive: (work) => ("locks" in navigator ? navigator.locks.request("encore.renewal", work) : work()),
  clock: browserClock,
  random: Math.random,
  newId,
  device,
  tabs: tabsOf("locks" in navigator ? navigator.locks : undefined, globalThis.BroadcastChannel),
  openQueue: (userId) => createChangeQueue({ userId, storage, onStorage, clock: browserClock }),
  accessCookie: createSettings<AccessCookie | undefined>(storage, "encore.lease", undefined, isAccessCookie),
  output: howlOutput,
  openSavedPlayback: (userId) => openSavedPlayback(storage, userId),
  volume: createSettings(storage, "encore.volume", { level: 0.8, muted: false }, isVolume),
  shortcuts: createSettings(storage, "encore.shortcuts", true, isSwitch),
  router: createRouter(window),
});

if ("mediaSession" in navigator) connectMediaSession(navigator.mediaSession, app.playback);

addEventListener("online", app.wake);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") app.wake();
});

// Signing in or out in one tab is seen by the others.
const tabs = new BroadcastChannel("encore.session");
app.session.state.subscribe(({ kind }) => tabs.postMessage(kind));
tabs.addEventListener("message", ({ data }) => {
  if (data === "signed-out") app.session.leftElsewhere();
  if (data === "signed-in" && app.session.state.get().kind === "signed-out") void app.session.restore();
});

const element = document.createElement("encore-app");
element.app = app;
document.body.replaceChildren(element);
void app.session.restore();
