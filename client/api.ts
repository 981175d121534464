import type { Static } from "typebox";
import type {
  ChangePasswordInput,
  LoginInput,
  Plan,
  PlanName,
  RegisterInput,
  Session,
  SignedIn,
  User,
} from "../core/contract/accounts.ts";
import type {
  AlbumDetail,
  AlbumPage,
  ArtistDetail,
  ListQuery,
  Song,
  SongPage,
  SongQuery,
} from "../core/contract/catalogue.ts";
import type { LiveTransports } from "../core/contract/live.ts";
import type { ConnectionPage, ConnectionQuery, OpsSummary } from "../core/contract/ops.ts";
import type {
  PatchSubscriptionInput,
  PutSubscriptionInput,
  SubscriptionPage,
  SubscriptionQuery,
  SubscriptionResult,
} from "../core/contract/subscriptions.ts";
import type { Call, Http } from "./http.ts";

/** Under which name a change is sent, and on what it builds. */
export type ChangeHeaders = Pick<Call, "idempotencyKey" | "ifMatch" | "ifNoneMatch">;

type Signal = AbortSignal | undefined;
type Albums = Static<typeof AlbumPage>;
type Connections = Static<typeof ConnectionPage>;

/** Encore's REST API, one function an operation. All throw `ApiFailure`. */
export type Api = ReturnType<typeof createApi>;

export const createApi = (http: Http) => {
  const post = <T>(path: string, body?: unknown) => http<T>(path, { method: "POST", body });
  const song = (id: string) => `/api/subscriptions/${encodeURIComponent(id)}`;

  return {
    register: (input: RegisterInput) => post<SignedIn>("/api/auth/register", input),
    login: (input: LoginInput) => post<SignedIn>("/api/auth/login", input),
    logout: () => post<void>("/api/auth/logout"),

    me: () => http<User>("/api/me"),
    rename: (userName: string) => http<User>("/api/me", { method: "PATCH", body: { userName } }),
    changePassword: (body: ChangePasswordInput) => http<void>("/api/me/password", { method: "PUT", body }),
    changePlan: (plan: PlanName) => http<User>("/api/me/plan", { method: "PUT", body: { plan } }),
    deleteAccount: () => http<void>("/api/me", { method: "DELETE" }),
    sessions: (signal?: Signal) => http<{ items: Session[] }>("/api/me/sessions", { signal }),
    endSession: (id: string) =>
      http<void>(`/api/me/sessions/${encodeURIComponent(id)}`, { method: "DELETE" }),
    plans: (signal?: Signal) => http<{ items: Plan[] }>("/api/plans", { signal }),

    songs: (query: SongQuery, signal?: Signal) => http<SongPage>("/api/songs", { query, signal }),
    song: (id: string, signal?: Signal) => http<Song>(`/api/songs/${encodeURIComponent(id)}`, { signal }),
    albums: (query: ListQuery, signal?: Signal) => http<Albums>("/api/albums", { query, signal }),
    album: (id: string, signal?: Signal) =>
      http<AlbumDetail>(`/api/albums/${encodeURIComponent(id)}`, { signal }),
    artist: (id: string, signal?: Signal) =>
      http<ArtistDetail>(`/api/artists/${encodeURIComponent(id)}`, { signal }),

    subscriptions: (query: SubscriptionQuery, signal?: Signal) =>
      http<SubscriptionPage>("/api/subscriptions", { query, signal }),
    putSubscription: (id: string, body: PutSubscriptionInput, conditions: ChangeHeaders) =>
      http<SubscriptionResult>(song(id), { method: "PUT", body, ...conditions }),
    patchSubscription: (id: string, body: PatchSubscriptionInput, conditions: ChangeHeaders) =>
      http<SubscriptionResult>(song(id), { method: "PATCH", body, ...conditions }),
    deleteSubscription: (id: string, conditions: ChangeHeaders) =>
      http<SubscriptionResult>(song(id), { method: "DELETE", ...conditions }),

    opsSummary: (signal?: Signal) => http<OpsSummary>("/api/ops/summary", { signal }),
    connections: (query: ConnectionQuery, signal?: Signal) =>
      http<Connections>("/api/ops/connections", { query, signal }),
    endConnection: (id: string) =>
      http<void>(`/api/ops/connections/${encodeURIComponent(id)}`, { method: "DELETE" }),

    liveTransports: (signal?: Signal) => http<LiveTransports>("/api/live", { signal }),
  };
};
