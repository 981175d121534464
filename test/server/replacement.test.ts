import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { signIn } from "../../infra/local/import/api.ts";
import { uploadFile } from "../../infra/local/import/upload-file.ts";
import type { Encore } from "../../infra/local/start.ts";
import { type ApiClient, loginAt } from "../support/api-client.ts";
import { startTestEncore } from "../support/encore.ts";
import { sampleAudio } from "../support/sample-audio.ts";
import { until } from "../support/until.ts";

let folder: string;
let encores: Record<"proxy" | "redirect", Encore>;
let tone = 440;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-replacement-"));
  const [proxy, redirect] = await Promise.all([
    startTestEncore(),
    startTestEncore({ env: { AUDIO_DELIVERY: "redirect" } }),
  ]);
  encores = { proxy, redirect };
});
afterAll(async () => {
  await Promise.all(Object.values(encores).map((encore) => encore.close()));
  await rm(folder, { recursive: true });
});

/** A curator's upload of a new tone, as a new song or as the audio of one. */
async function upload({ url }: Encore, seconds: number, replaced?: string) {
  const bytes = await sampleAudio({ format: "wav", seconds, tone: tone++ });
  const path = join(folder, `tone-${tone}.wav`);
  await writeFile(path, bytes);
  const curator = await signIn(url, "curator@example.com", "encore-demo-password");
  const song = replaced === undefined ? {} : { songId: replaced };
  const outcome = await uploadFile(curator, { path, contentType: "audio/wav", ...song });
  if (outcome.status !== "added") throw new Error("The same tone twice");
  return { songId: outcome.song.songId, bytes };
}

describe("A song whose audio is replaced while it is heard", () => {
  let listener: ApiClient;
  let song: Awaited<ReturnType<typeof upload>>;
  const get = (headers: Record<string, string> = {}) =>
    fetch(`${encores.proxy.url}/stream/${song.songId}`, {
      headers: { authorization: `Bearer ${listener.accessToken}`, ...headers },
    });
  const bodyOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

  beforeEach(async () => {
    listener = await loginAt(encores.proxy.url, "listener@example.com", "encore-demo-password");
    // More than a connection swallows, so that much of it is still to be read from the store.
    song = await upload(encores.proxy, 120);
  });

  it("is heard to its end as it was, and anew as it is", async () => {
    const { hostname, port } = new URL(encores.proxy.url);
    const slow = connect(Number(port), hostname).pause();
    slow.write(`GET /stream/${song.songId} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n`);
    slow.write(`Authorization: Bearer ${listener.accessToken}\r\nConnection: close\r\n\r\n`);
    const etag = (await get({ range: "bytes=0-0" })).headers.get("etag") ?? "";
    const { bytes } = await upload(encores.proxy, 100, song.songId);
    await until(
      "the node knows",
      async () => (await get({ range: "bytes=0-0" })).headers.get("etag") !== etag,
    );

    const chunks: Buffer[] = [];
    slow.on("data", (chunk) => chunks.push(chunk)).resume();
    await new Promise((resolve) => slow.on("close", resolve));
    const received = Buffer.concat(chunks);
    expect(received.subarray(received.indexOf("\r\n\r\n") + 4).equals(song.bytes)).toBe(true);

    expect((await bodyOf(await get())).equals(bytes)).toBe(true);
    // Going on with the old version gives the whole new one, and never the end of it.
    const resumed = await get({ range: "bytes=1000-", "if-range": etag });
    expect(resumed.status).toBe(200);
    expect((await bodyOf(resumed)).equals(bytes)).toBe(true);
    expect((await get({ range: "bytes=1000-", "if-match": etag })).status).toBe(412);
  }, 60_000);
});

describe("A URL of S3 that was given before the audio was replaced", () => {
  it("leads to the version for which it was given, whole", async () => {
    const encore = encores.redirect;
    const listener = await loginAt(encore.url, "listener@example.com", "encore-demo-password");
    const song = await upload(encore, 2);
    const locationOf = async () => {
      const answer = await fetch(`${encore.url}/stream/${song.songId}`, {
        redirect: "manual",
        headers: { authorization: `Bearer ${listener.accessToken}` },
      });
      return answer.headers.get("location") ?? "";
    };
    const fetched = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());
    const before = await locationOf();
    const { bytes } = await upload(encore, 3, song.songId);
    const path = (url: string) => new URL(url).pathname;
    await until("the node knows", async () => path(await locationOf()) !== path(before));
    expect((await fetched(before)).equals(song.bytes)).toBe(true);
    expect((await fetched(await locationOf())).equals(bytes)).toBe(true);
  });
});
