import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get as httpGet, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { SongPage, Tier } from "../../core/contract/catalogue.ts";
import type { LiveTransports } from "../../core/contract/live.ts";
import type { Connection, OpsSummary } from "../../core/contract/ops.ts";
import type { Problem } from "../../core/contract/problem.ts";
import * as importer from "../../infra/local/import/api.ts";
import { uploadFile } from "../../infra/local/import/upload-file.ts";
import type { Encore } from "../../infra/local/start.ts";
import { type ApiClient, loginAt, registerAt } from "../support/api-client.ts";
import { startTestEncore } from "../support/encore.ts";
import { openDevice, refusal } from "../support/live-device.ts";
import { sampleAudio } from "../support/sample-audio.ts";
import { until } from "../support/until.ts";

let encore: Encore;
let free: string;
let premium: string;
let transports: Record<"node" | "gateway", string>;

beforeAll(async () => {
  encore = await startTestEncore({ demoTracks: 2, env: { THROTTLE_SCALE: "10" } });
  const listener = await registerAt(encore.url);
  const { items } = await listener.get<SongPage>("/api/songs");
  free = items.find(({ tier }) => tier === "free")?.songId ?? "";
  premium = await uploadLongSong("premium");
  const { transports: all } = await listener.get<LiveTransports>("/api/live");
  transports = Object.fromEntries(all.map(({ kind, url }) => [kind, url])) as typeof transports;
}, 60_000);
afterAll(() => encore.close());

/** Large enough that no buffer on the way takes it whole. */
async function uploadLongSong(tier: Tier): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-long-"));
  try {
    const path = join(folder, "long.wav");
    await writeFile(
      path,
      await sampleAudio({ format: "wav", seconds: 180, tone: tier === "free" ? 440 : 330 }),
    );
    const api = await importer.signIn(encore.url, "curator@example.com", "encore-demo-password");
    const outcome = await uploadFile(api, { path, contentType: "audio/wav", tier });
    return outcome.status === "added" ? outcome.song.songId : outcome.songId;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const password = "battery-staple-again";

/** One account on as many devices as are asked for. */
async function devices(count: number, plan: "free" | "plus" | "hifi" = "free"): Promise<ApiClient[]> {
  const first = await registerAt(encore.url, password);
  if (plan !== "free") await first.request("PUT", "/api/me/plan", { plan });
  const more = Array.from({ length: count - 1 }, () => loginAt(encore.url, first.email, password));
  return [first, ...(await Promise.all(more))];
}

type Stream = { readonly response: IncomingMessage; readonly ended: Promise<"whole" | "cut"> };

/** Asks for a song and listens to it slowly, so that it flows for seconds. */
async function openStream(
  listener: ApiClient,
  songId: string,
  { query = "", chunkMs = 2 } = {},
): Promise<Stream> {
  const request = httpGet(`${encore.url}/stream/${songId}${query}`, {
    agent: false,
    headers: { authorization: `Bearer ${listener.accessToken}` },
  });
  request.on("error", () => {});
  const [response] = (await once(request, "response")) as [IncomingMessage];
  onTestFinished(() => void response.destroy());
  return { response, ended: listenSlowly(response, chunkMs) };
}

async function listenSlowly(response: IncomingMessage, chunkMs: number): Promise<"whole" | "cut"> {
  try {
    for await (const _ of response) await pause(chunkMs);
    return "whole";
  } catch {
    return "cut";
  }
}

const problemOf = async (answer: Response) => (await answer.json()) as Problem;
const stream = (listener: ApiClient, songId: string, query = "") =>
  listener.request("GET", `/stream/${songId}${query}`, undefined, { range: "bytes=0-0" });

async function connect(kind: keyof typeof transports, listener: ApiClient, name = "Phone") {
  const device = await openDevice(transports[kind], listener.accessToken);
  onTestFinished(() => device.ws.terminate());
  await device.hello({ epoch: null, since: null }, name);
  return device;
}

describe.each(["node", "gateway"] as const)("At the endpoint %s", (kind) => {
  it("a change on one device is told to the others, and not again to whoever has it", async () => {
    const [phone, laptop] = (await devices(2)) as [ApiClient, ApiClient];
    const told = await connect(kind, laptop);
    await phone.request("PUT", `/api/subscriptions/${free}`, { rating: 5 });
    await told.next("changes", ({ to }) => to === 1);
    await phone.request("DELETE", `/api/subscriptions/${free}`);
    await told.next("changes", ({ to }) => to === 2);
    expect(told.outcomes.every((outcome) => outcome === "applied")).toBe(true);
    expect(told.songs()).toEqual([]);
  });

  it("a device that slept resumes with exactly what it missed", async () => {
    const [phone, laptop] = (await devices(2)) as [ApiClient, ApiClient];
    const before = await connect(kind, laptop);
    await phone.request("PUT", `/api/subscriptions/${free}`, {});
    await before.next("changes", ({ to }) => to === 1);
    const { epoch } = before.state.replica;
    before.ws.terminate();
    await phone.request("PATCH", `/api/subscriptions/${free}`, { rating: 2 });
    await phone.request("PUT", `/api/subscriptions/${premium}`, {});
    const after = await openDevice(transports[kind], laptop.accessToken);
    onTestFinished(() => after.ws.terminate());
    await after.hello({ epoch, since: 1 });
    const { from, changes } = await after.next("changes", ({ to }) => to === 3);
    expect(from).toBe(1);
    expect(changes.map(({ revision, songId }) => [revision, songId])).toEqual([
      [2, free],
      [3, premium],
    ]);
  });

  it("a changed plan is told, and a session that ends is closed with its reason", async () => {
    const [phone, laptop] = (await devices(2)) as [ApiClient, ApiClient];
    const told = await connect(kind, laptop);
    await phone.request("PUT", "/api/me/plan", { plan: "plus" });
    await told.next("account", ({ plan }) => plan === "plus");
    const { items } = await phone.get<{ items: { sessionId: string; current: boolean }[] }>(
      "/api/me/sessions",
    );
    const other = items.find(({ current }) => !current)?.sessionId;
    await phone.request("DELETE", `/api/me/sessions/${other}`);
    await told.next("bye", ({ reason }) => reason === "session-ended");
    await told.closed;
  });

  it("strangers, dead sessions and used tickets are refused before the upgrade", async () => {
    const [phone] = (await devices(1)) as [ApiClient];
    expect((await refusal(transports[kind])).status).toBe(401);
    expect((await refusal(transports[kind], { headers: { authorization: "Bearer x.y.z" } })).status).toBe(
      401,
    );
    const evil = { authorization: `Bearer ${phone.accessToken}`, origin: "https://evil.example" };
    expect((await refusal(transports[kind], { headers: evil })).status).toBe(403);
    const cookie = { cookie: `encore-access=${phone.accessToken}` };
    expect((await refusal(transports[kind], { headers: cookie })).status).toBe(403);

    const { ticket } = (await (await phone.request("POST", "/api/live/tickets")).json()) as {
      ticket: string;
    };
    const byTicket = await openDevice(`${transports[kind]}?ticket=${ticket}`, undefined);
    onTestFinished(() => byTicket.ws.terminate());
    await byTicket.hello();
    expect((await refusal(`${transports[kind]}?ticket=${ticket}`)).status).toBe(401);

    await phone.request("POST", "/api/auth/logout");
    expect(
      (await refusal(transports[kind], { headers: { authorization: `Bearer ${phone.accessToken}` } })).status,
    ).toBe(401);
  });

  it("devices see each other, and of two that take playback over at once one wins", async () => {
    const [phone, laptop] = (await devices(2)) as [ApiClient, ApiClient];
    const [one, two] = [await connect(kind, phone, "Phone"), await connect(kind, laptop, "Laptop")];
    const names = (items: readonly { name: string }[]) => items.map(({ name }) => name).sort();
    await two.next("devices", ({ items }) => names(items).join() === "Laptop,Phone");
    const intent = {
      type: "playback",
      version: 0,
      songId: free,
      positionSeconds: 12,
      paused: false,
    } as const;
    one.send(intent);
    two.send({ ...intent, positionSeconds: 34 });
    const told = await one.next("playback", ({ state }) => state?.version === 1);
    await two.next(
      "playback",
      ({ state }) => state?.version === 1 && state.deviceId === told.state?.deviceId,
    );
  });
});

describe("What flows", () => {
  it.each([
    [
      "the plan no longer includes the song",
      ([phone]: ApiClient[]) => phone?.request("PUT", "/api/me/plan", { plan: "free" }),
    ],
    ["the listener signs out", ([, laptop]: ApiClient[]) => laptop?.request("POST", "/api/auth/logout")],
    [
      "another device ends the session",
      async ([phone]: ApiClient[]) => {
        const { items } = (await phone?.get<{ items: { sessionId: string; current: boolean }[] }>(
          "/api/me/sessions",
        )) ?? { items: [] };
        const other = items.find(({ current }) => !current)?.sessionId;
        return phone?.request("DELETE", `/api/me/sessions/${other}`);
      },
    ],
    ["the account is deleted", ([phone]: ApiClient[]) => phone?.request("DELETE", "/api/me")],
  ])("ends when %s", async (_, act) => {
    const all = await devices(2, "plus");
    const laptop = all[1] as ApiClient;
    const { response, ended } = await openStream(laptop, premium);
    expect(response.statusCode).toBe(200);
    const answer = await act(all);
    expect(answer?.ok).toBe(true);
    expect(await ended).toBe("cut");
  });

  it("ends when the song is removed, or becomes one for paying plans", async () => {
    const [listener] = (await devices(1)) as [ApiClient];
    const songId = await uploadLongSong("free");
    const curator = await loginAt(encore.url, "curator@example.com", "encore-demo-password");
    const first = await openStream(listener, songId);
    const renamed = await curator.request("PATCH", `/api/songs/${songId}`, { title: "A better title" });
    expect(renamed.status).toBe(200);
    await curator.request("PATCH", `/api/songs/${songId}`, { tier: "premium" });
    expect(await first.ended).toBe("cut");
    await curator.request("PATCH", `/api/songs/${songId}`, { tier: "free" });
    const whole = async () =>
      (await stream(listener, songId)).headers.get("content-range")?.endsWith("/31752044") === true;
    await until("the whole song is free again", whole);
    const second = await openStream(listener, songId);
    expect((await curator.request("DELETE", `/api/songs/${songId}`)).status).toBe(204);
    expect(await second.ended).toBe("cut");
    expect((await stream(listener, songId)).status).toBe(404);
  });

  it("goes on when the plan still includes it", async () => {
    const [phone, laptop] = (await devices(2, "plus")) as [ApiClient, ApiClient];
    const { ended } = await openStream(laptop, premium);
    await phone.request("PUT", "/api/me/plan", { plan: "hifi" });
    expect(await ended).toBe("whole");
  });
});

describe("A plan", () => {
  it("lets the newest device play; its predecessor ends at once, and is told who plays and which plan lets both", async () => {
    const [phone, laptop] = (await devices(2)) as [ApiClient, ApiClient];
    const songId = await uploadLongSong("free");
    const { ended } = await openStream(phone, songId, { chunkMs: 20 });
    expect((await stream(laptop, songId)).status).toBe(206);
    expect(await ended).toBe("cut");
    const refused = await stream(phone, songId);
    expect(refused.status).toBe(403);
    expect(await problemOf(refused)).toMatchObject({
      kind: "too-many-devices",
      requiredPlan: "plus",
      playingOn: [expect.any(String)],
    });
    const taken = await openStream(phone, songId, { query: "?take=pressed-play", chunkMs: 20 });
    expect(taken.response.statusCode).toBe(200);
    expect((await stream(laptop, songId)).status).toBe(403);
    expect((await stream(laptop, songId, "?take=pressed-play-too")).status).toBe(206);
    expect(await taken.ended).toBe("cut");
    // What a player asks for again by itself is no new wish.
    expect((await stream(phone, songId, "?take=pressed-play")).status).toBe(403);
    await laptop.request("POST", "/api/auth/logout");
    await until("the place is free", async () => (await stream(phone, songId)).status === 206);
  });

  it("lets exactly its number of many devices that start at once play", async () => {
    const all = await devices(8, "plus");
    const streams = await Promise.all(all.map((device) => openStream(device, premium, { chunkMs: 20 })));
    const flowing = new Set(streams);
    for (const each of streams) void each.ended.then(() => flowing.delete(each));
    await until("three play on", () => flowing.size <= 3);
    expect(flowing.size).toBe(3);
    for (const { response } of flowing) expect(response.statusCode).toBe(200);
  });

  it("without premium songs gives a preview of them, with a length and a tag of its own", async () => {
    const [listener] = (await devices(1)) as [ApiClient];
    const preview = await stream(listener, premium);
    const [, previewBytes = ""] = (preview.headers.get("content-range") ?? "").split("/");
    await listener.request("PUT", "/api/me/plan", { plan: "plus" });
    await until("the node has heard of the plan", async () => {
      const whole = await stream(listener, premium);
      const [, bytes = ""] = (whole.headers.get("content-range") ?? "").split("/");
      return (
        Number(bytes) > Number(previewBytes) && whole.headers.get("etag") !== preview.headers.get("etag")
      );
    });
  });
});

describe("An operator", () => {
  const operator = () => loginAt(encore.url, "ops@example.com", "encore-demo-password");

  it("alone sees connections", async () => {
    const [listener] = (await devices(1)) as [ApiClient];
    for (const path of ["/api/ops/summary", "/api/ops/connections"]) {
      const answer = await listener.request("GET", path);
      expect(answer.status).toBe(403);
      expect((await problemOf(answer)).kind).toBe("not-allowed");
    }
    expect((await listener.request("DELETE", "/api/ops/connections/x")).status).toBe(403);
  });

  it.each(["node", "gateway"] as const)(
    "sees a live connection at the endpoint %s, and ends it for good",
    async (kind) => {
      const [listener] = (await devices(1)) as [ApiClient];
      const { userId } = await listener.get<{ userId: string }>("/api/me");
      const device = await connect(kind, listener, "Kitchen radio");
      const ops = await operator();
      const list = async () =>
        (await ops.get<{ items: Connection[] }>(`/api/ops/connections?userId=${userId}`)).items;
      await until(
        "it is listed with its name",
        async () => (await list())[0]?.deviceName === "Kitchen radio",
      );
      const [connection] = await list();
      expect(connection).toMatchObject({ kind: "live", userId });
      const summary = await ops.get<OpsSummary>("/api/ops/summary");
      expect(summary.connections.live).toBeGreaterThan(0);
      expect(summary.endpoints.map(({ kind }) => kind).sort()).toEqual(["gateway", "node"]);

      const end = () => ops.request("DELETE", `/api/ops/connections/${connection?.connectionId}`);
      expect((await end()).status).toBe(204);
      await device.closed;
      expect((await listener.request("GET", "/api/me")).status).toBe(401);
      await until("it is gone", async () => (await list()).length === 0);
      expect((await end()).status).toBe(404);
    },
  );

  it("sees a device that streams, and ends what flows to it", async () => {
    const [listener] = (await devices(1, "plus")) as [ApiClient];
    const { userId } = await listener.get<{ userId: string }>("/api/me");
    const ops = await operator();
    const { ended } = await openStream(listener, premium, { chunkMs: 10 });
    const { items } = await ops.get<{ items: Connection[] }>(`/api/ops/connections?userId=${userId}`);
    expect(items).toEqual([expect.objectContaining({ kind: "stream", userId })]);
    const answer = await ops.request("DELETE", `/api/ops/connections/${items[0]?.connectionId}`);
    expect(answer.status).toBe(204);
    expect(await ended).toBe("cut");
  });

  it("pages through all of them, each once", async () => {
    const many = await devices(5);
    const sockets = await Promise.all(many.map((device) => connect("node", device)));
    const ops = await operator();
    const ids: string[] = [];
    let cursor = "";
    do {
      const page = await ops.get<{ items: Connection[]; nextCursor?: string }>(
        `/api/ops/connections?limit=2${cursor}`,
      );
      ids.push(...page.items.map(({ connectionId }) => connectionId));
      cursor = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : "";
    } while (cursor);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(sockets.length);
    const refused = await ops.request("GET", "/api/ops/connections?cursor=x");
    expect(refused.status).toBe(400);
    expect((await problemOf(refused)).kind).toBe("invalid-cursor");
  });
});

describe("A cover", () => {
  it("is kept for ever under the address with its hash, asked for anew under any other, and for listeners only", async () => {
    const [listener] = (await devices(1)) as [ApiClient];
    const { items } = await listener.get<SongPage>("/api/songs?q=minuet");
    const { coverUrl = "" } = items[0] ?? {};
    const cover = await listener.request("GET", coverUrl);
    expect(cover.status).toBe(200);
    expect(cover.headers.get("content-type")).toBe("image/jpeg");
    expect(cover.headers.get("cache-control")).toContain("immutable");
    const sizeOf = async (size: string) => {
      const answer = await listener.request("GET", `${coverUrl}&size=${size}`);
      expect(answer.headers.get("cache-control")).toContain("immutable");
      return (await sharp(Buffer.from(await answer.arrayBuffer())).metadata()).width;
    };
    // The demo library's covers are 600 pixels wide.
    const widths = await Promise.all(["1", "160", "161", "640", "9999", "x", ""].map(sizeOf));
    expect(widths).toEqual([160, 160, 320, 600, 600, 600, 600]);
    const plain = await listener.request("GET", coverUrl.split("?")[0] ?? "");
    expect(plain.headers.get("cache-control")).toContain("no-cache");
    const again = await listener.request("GET", coverUrl, undefined, {
      "if-none-match": cover.headers.get("etag") ?? "",
    });
    expect(again.status).toBe(304);
    expect((await fetch(`${encore.url}${coverUrl}`)).status).toBe(401);
  });
});
