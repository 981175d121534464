import { createHash, randomUUID } from "node:crypto";
import { createAccountStore } from "../../../core/aws/account-store.ts";
import type { Song } from "../../../core/contract/catalogue.ts";
import type { LiveTicket } from "../../../core/contract/live.ts";
import type { Upload, UploadStarted, UploadStatus } from "../../../core/contract/uploads.ts";
import { type ApiClient, loginAt, registerAt } from "../../support/api-client.ts";
import { openDevice } from "../../support/live-device.ts";
import { sampleAudio } from "../../support/sample-audio.ts";
import { coverTag } from "../../support/sample-picture.ts";
import type { WatchedWorld } from "./watched-world.ts";

/** What people do, each step of which must succeed, so that whatever it needs is allowed. */

export async function call<T>(client: ApiClient, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await client.request(method, path, body);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

const password = `battery-staple-${randomUUID()}`;

export async function signUp(
  { url, database }: Pick<WatchedWorld, "url" | "database">,
  role: "listener" | "curator" | "ops" = "listener",
): Promise<ApiClient> {
  const client = await registerAt(url, password);
  if (role !== "listener") {
    const { userId } = await client.get<{ userId: string }>("/api/me");
    await createAccountStore(database).update({ email: client.email, userId }, { role });
  }
  return client;
}

/** Everything that one does with one's account, to its end. */
export async function accountLife({ url }: WatchedWorld, client: ApiClient): Promise<void> {
  await call(client, "PATCH", "/api/me", { userName: "Other" });
  await call(client, "PUT", "/api/me/plan", { plan: "plus" });
  const other = await loginAt(url, client.email, password);
  const { items } = await client.get<{ items: { sessionId: string; current: boolean }[] }>(
    "/api/me/sessions",
  );
  await call(client, "DELETE", `/api/me/sessions/${items.find(({ current }) => !current)?.sessionId}`);
  if ((await other.request("GET", "/api/me")).status !== 401) throw new Error("The other session lives");
  await call(client, "POST", "/api/auth/logout");
  const again = await loginAt(url, client.email, password);
  await loginAt(url, client.email, password);
  await call(again, "PUT", "/api/me/password", { currentPassword: password, newPassword: `${password}-2` });
  await call(again, "DELETE", "/api/me");
}

/** Shows a refresh token that has been followed twice: whoever has it has copied it. @returns the status */
export async function reuseRefreshToken(url: string, email: string): Promise<number> {
  const post = (path: string, body: unknown) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const tokenOf = async (answer: Response) =>
    ((await answer.json()) as { refreshToken: string }).refreshToken;
  const first = await tokenOf(await post("/api/auth/login", { email, password, session: "bearer" }));
  const second = await tokenOf(await post("/api/auth/refresh", { refreshToken: first }));
  await post("/api/auth/refresh", { refreshToken: second });
  return (await post("/api/auth/refresh", { refreshToken: first })).status;
}

export async function startUpload(curator: ApiClient, bytes: Buffer): Promise<Upload> {
  const started = await call<UploadStarted>(curator, "POST", "/api/uploads", {
    fileName: "tone.mp3",
    sizeBytes: bytes.length,
    contentType: "audio/mpeg",
    sha256: createHash("sha256").update(bytes).digest("hex"),
    tier: "premium",
  });
  if (started.status !== "open") throw new Error("It is there already");
  return started.upload;
}

/** A tone as a premium song with tags and a cover, begun again half way. */
export async function uploadSong(curator: ApiClient, title: string, tone: number): Promise<Song> {
  const images = [await coverTag({ format: "png" })];
  const tags = { title, artist: "The Sines", album: "Tones", date: new Date("2020-02-02"), images };
  const bytes = await sampleAudio({ tone, tags });
  const { uploadId, parts } = await startUpload(curator, bytes);
  const sent = await fetch(parts[0]?.url ?? "", { method: "PUT", body: new Uint8Array(bytes) });
  if (!sent.ok) throw new Error(`A part was refused: ${sent.status}`);
  await startUpload(curator, bytes);
  const complete = () => call<Song | UploadStatus>(curator, "POST", `/api/uploads/${uploadId}/complete`);
  for (let answer = await complete(); ; answer = await complete()) if (!("state" in answer)) return answer;
}

/** One life of a device at an endpoint: hello, a change that is pushed to it, all that it missed, hand-off, heartbeat. */
export async function deviceLife(url: string, client: ApiClient, songId: string): Promise<void> {
  const device = await openDevice(url, client.accessToken);
  await device.hello();
  await call(client, "PUT", `/api/subscriptions/${songId}`, { rating: 3 });
  await device.next("changes", () => true);
  await call(client, "PUT", `/api/subscriptions/${songId}`, { rating: 4 });
  await device.hello({ epoch: device.of("welcome")[0]?.epoch ?? null, since: 0 });
  device.send({ type: "playback", version: 0, songId, positionSeconds: 1, paused: false });
  await device.next("playback", () => true);
  device.send({ type: "ping" });
  await device.next("pong", () => true);
  device.ws.close();
  await device.closed;
}

/** Comes to an endpoint by a ticket, as a client that can send neither cookie nor header. */
export async function comeByTicket(url: string, client: ApiClient): Promise<void> {
  const { ticket } = await call<LiveTicket>(client, "POST", "/api/live/tickets");
  const device = await openDevice(`${url}?ticket=${ticket}`, undefined);
  device.ws.close();
  await device.closed;
}
