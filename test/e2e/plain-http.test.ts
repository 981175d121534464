import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { completeUpload } from "../../core/domain/uploads/complete.ts";
import { startUpload } from "../../core/domain/uploads/uploads.ts";
import { type UploadApi, uploadFile } from "../../infra/local/import/upload-file.ts";
import type { Encore } from "../../infra/local/start.ts";
import { uploadsDeps } from "../../lambdas/deps/uploads.ts";
import { launchBrowser } from "../support/browser.ts";
import { startTestEncore } from "../support/encore.ts";
import { register } from "../support/player-page.ts";
import { sampleAudio } from "../support/sample-audio.ts";
import { visitPlayer } from "../support/visit-player.ts";

/** A name that browsers take for a stranger's: what they keep for HTTPS and loopback is not there. */
const name = "encore.lan";
let folder: string;
let encore: Encore;
let browser: Browser;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encore-plain-"));
  const port = await freePort();
  url = `http://${name}:${port}`;
  [encore, browser] = await Promise.all([
    startTestEncore({ env: { PORT: String(port), HOST: "0.0.0.0", PUBLIC_URL: url } }),
    launchBrowser([`--host-resolver-rules=MAP ${name} 127.0.0.1`]),
  ]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await encore?.close();
  await rm(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "0.0.0.0");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Past the public address, which only the browser knows to find. */
async function addSong(): Promise<string> {
  const deps = uploadsDeps(encore.env);
  const actor = {
    userId: "curator",
    email: "curator@encore.lan",
    sessionId: "none",
    role: "curator",
  } as const;
  const path = join(folder, "song.mp3");
  await writeFile(path, await sampleAudio({ seconds: 3 }));
  const api: UploadApi = {
    start: (input) => startUpload(deps, actor, input),
    async complete(uploadId) {
      const { song } = await completeUpload(deps, actor, { uploadId });
      return song ?? api.complete(uploadId);
    },
  };
  const outcome = await uploadFile(api, { path, contentType: "audio/mpeg" });
  if (outcome.status !== "added") throw new Error(outcome.status);
  return outcome.song.songId;
}

it("the player works on a network without TLS: its page, a session, a song, after a reload as well", async () => {
  const visitor = await visitPlayer(browser, url);
  const { page, errors } = visitor;
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await register(visitor, "At home");
  const songId = await addSong();
  await page.reload();
  await page.getByRole("heading", { name: "Library", exact: true }).waitFor();
  const duration = await page.evaluate(async (src) => {
    const audio = new Audio(src);
    await audio.play();
    return audio.duration;
  }, `/stream/${songId}`);
  expect(duration).toBeGreaterThan(2.5);
  expect(errors).toEqual([]);
}, 120_000);
