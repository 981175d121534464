import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SongPage } from "../../core/contract/catalogue.ts";
import type { Encore } from "../../infra/local/start.ts";
import { type ApiClient, registerAt } from "../support/api-client.ts";
import { startTestEncore } from "../support/encore.ts";

let encore: Encore;
let listener: ApiClient;
let songId: string;

beforeAll(async () => {
  encore = await startTestEncore({ demoTracks: 1, env: { AUDIO_DELIVERY: "redirect" } });
  listener = await registerAt(encore.url);
  songId = (await listener.get<SongPage>("/api/songs")).items[0]?.songId ?? "";
});
afterAll(() => encore.close());

const stream = (init: RequestInit = {}, token = listener.accessToken) =>
  fetch(`${encore.url}/stream/${songId}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });

describe("Audio straight from S3", () => {
  it("is told by a 307 that nobody keeps, good for minutes", async () => {
    const answer = await stream({ redirect: "manual" });
    expect(answer.status).toBe(307);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const url = new URL(answer.headers.get("location") ?? "");
    expect(url.origin).toBe(encore.env.AWS_ENDPOINT_URL_S3);
    expect(Number(url.searchParams.get("X-Amz-Expires"))).toBe(900);
  });

  it("is the same audio, whole, by range and by HEAD", async () => {
    const whole = Buffer.from(await (await stream()).arrayBuffer());
    const range = await stream({ headers: { range: "bytes=100-199" } });
    expect(range.status).toBe(206);
    expect(Buffer.from(await range.arrayBuffer())).toEqual(whole.subarray(100, 200));
    const head = await stream({ method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String(whole.length)]);
  });

  it("asks for the same leave at the start", async () => {
    expect((await fetch(`${encore.url}/stream/${songId}`, { redirect: "manual" })).status).toBe(401);
    const other = await registerAt(encore.url);
    await other.request("POST", "/api/auth/logout");
    expect((await stream({ redirect: "manual" }, other.accessToken)).status).toBe(401);
  });

  it("may be loaded by the player's page", async () => {
    const policy = (await fetch(encore.url)).headers.get("content-security-policy");
    expect(policy).toContain(`media-src 'self' data: ${encore.env.AWS_ENDPOINT_URL_S3}`);
  });
});
