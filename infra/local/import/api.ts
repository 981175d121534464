import { setTimeout as wait } from "node:timers/promises";
import type { Song } from "../../../core/contract/catalogue.ts";
import type { UploadStarted, UploadStatus } from "../../../core/contract/uploads.ts";
import type { CoverApi } from "./give-cover.ts";
import { type Answer, ApiRefusal, type ImportCall, type RequestOptions, request } from "./request.ts";
import type { UploadApi } from "./upload-file.ts";

/** Uploads and covers as a signed-in curator; `signOut` ends the session. */
export type SignedInApi = UploadApi & CoverApi & { signOut(): Promise<void> };

type Tokens = { readonly accessToken: string; readonly refreshToken: string };

/** Longer than any file takes that Encore takes in (ms). */
const processingMs = 30 * 60_000;
/** Where the answer does not say when to ask again (ms). */
const askAgainMs = 2_000;
const signOutMs = 5_000;

/**
 * Signs in at a running Encore and speaks its REST API; an access token that expires on the way is renewed, and what
 * passes by itself (a restart, a busy moment) is waited for.
 * @throws ApiRefusal, Unreachable, Unavailable
 */
export async function signIn(
  url: string,
  email: string,
  password: string,
  options: Omit<RequestOptions, "url"> = {},
): Promise<SignedInApi> {
  const to = { ...options, url };
  const login = { email, password, session: "bearer", deviceName: "Import" };
  const first = { ...to, waitsForStart: false };
  let tokens = (await request<Tokens>(first, { method: "POST", path: "/api/auth/login", body: login })).body;

  async function renew(): Promise<void> {
    const body = { refreshToken: tokens.refreshToken };
    tokens = (await request<Tokens>(to, { method: "POST", path: "/api/auth/refresh", body })).body;
  }

  const call = <T>(method: string, path: string, body?: unknown) => callWith<T>({ method, path, body });

  async function callWith<T>(what: Omit<ImportCall, "token">): Promise<Answer<T>> {
    const attempt = () => request<T>(to, { ...what, token: tokens.accessToken });
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ApiRefusal) || error.kind !== "not-signed-in") throw error;
      await renew();
      return attempt();
    }
  }

  /** Asks until the upload is a song. @throws ApiRefusal with what became of it otherwise */
  async function complete(uploadId: string, onProcessing?: () => void): Promise<Song> {
    const end = performance.now() + processingMs;
    const begin = () => call<Song | UploadStatus>("POST", `/api/uploads/${uploadId}/complete`);
    let answer = await begin();
    while (performance.now() < end) {
      const { body } = answer;
      if (!("state" in body)) return body;
      if (body.song) return body.song;
      if (body.problem) throw new ApiRefusal(body.problem);
      onProcessing?.();
      await wait(answer.retryAfterMs ?? askAgainMs, undefined, options.signal && { signal: options.signal });
      answer =
        body.state === "open" ? await begin() : await call<UploadStatus>("GET", `/api/uploads/${uploadId}`);
    }
    throw new Error("Encore is still processing the file; run the import again later");
  }

  return {
    start: async (input) => (await call<UploadStarted>("POST", "/api/uploads", input)).body,
    complete,
    abort: async (uploadId) => void (await call("DELETE", `/api/uploads/${uploadId}`)),
    song: async (songId) => (await call<Song>("GET", `/api/songs/${songId}`)).body,
    async putCover(songId, bytes) {
      await callWith({ method: "PUT", path: `/api/songs/${songId}/cover`, bytes });
    },
    async signOut() {
      // Also of an import that was interrupted.
      const last = { url, tries: 1, signal: AbortSignal.timeout(signOutMs) };
      const token = tokens.accessToken;
      await request(last, { method: "POST", path: "/api/auth/logout", token });
    },
  };
}
