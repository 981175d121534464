import type { Static, TObject, TSchema } from "typebox";
import * as Type from "typebox";
import * as accounts from "../core/contract/accounts.ts";
import * as catalogue from "../core/contract/catalogue.ts";
import { Id } from "../core/contract/common.ts";
import { coverContentTypes, maxCoverBytes } from "../core/contract/covers.ts";
import * as live from "../core/contract/live.ts";
import * as ops from "../core/contract/ops.ts";
import type { ProblemKind } from "../core/contract/problem.ts";
import * as subscriptions from "../core/contract/subscriptions.ts";
import * as uploads from "../core/contract/uploads.ts";
import type { Conditions } from "../core/domain/subscriptions/commit.ts";

/** One handler file, one Lambda function. */
export type Area = "auth" | "catalogue" | "subscriptions" | "uploads" | "covers" | "live" | "ops" | "docs";

/** Who may call: anyone, any signed-in session, or sessions of one role. */
type Access = "public" | "signed-in" | "curator" | "ops";

/**
 * One operation of the REST API. CDK makes an API Gateway route of it, the local gateway mounts it, `http.ts`
 * validates by it, and the OpenAPI document is generated from it.
 */
export type Route = {
  readonly area: Area;
  readonly operation: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** In API Gateway's syntax: `/api/songs/{songId}`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** A body may be left out altogether. */
  readonly bodyOptional?: true;
  /** The body is bytes of one of these media types, and not JSON; the use case gets them as `bytes`. */
  readonly bytes?: { readonly contentTypes: readonly string[]; readonly maxBytes: number };
  /** Takes `Idempotency-Key`, `If-Match: "<revision>"` or `*`, and `If-None-Match: *` (as `Conditions`). */
  readonly conditional?: true;
  readonly success: { readonly status: 200 | 201 | 204; readonly schema?: TSchema };
  /** Answered with 202, `Location` and `Retry-After` where the work goes on. */
  readonly accepted?: TSchema;
  /** Refusals of its own, beyond those that every route has. */
  readonly problems?: readonly ProblemKind[];
};

const songParams = Type.Object({ songId: Id });
const uploadParams = Type.Object({ uploadId: Id });
const noContent = { status: 204 } as const;

const authRoutes = [
  {
    area: "auth",
    operation: "register",
    method: "POST",
    path: "/api/auth/register",
    summary: "Open an account and sign in",
    access: "public",
    body: accounts.RegisterInput,
    success: { status: 201, schema: accounts.SignedIn },
    problems: ["email-taken", "weak-password"],
  },
  {
    area: "auth",
    operation: "login",
    method: "POST",
    path: "/api/auth/login",
    summary: "Sign in",
    access: "public",
    body: accounts.LoginInput,
    success: { status: 200, schema: accounts.SignedIn },
    problems: ["wrong-credentials"],
  },
  {
    area: "auth",
    operation: "refresh",
    method: "POST",
    path: "/api/auth/refresh",
    summary: "Exchange the refresh token for new tokens",
    access: "public",
    body: accounts.RefreshInput,
    bodyOptional: true,
    success: { status: 200, schema: accounts.SignedIn },
    problems: ["session-ended"],
  },
  {
    area: "auth",
    operation: "logout",
    method: "POST",
    path: "/api/auth/logout",
    // By the refresh cookie too, when the access token has expired: the use case finds out whose session it is.
    summary: "End this session",
    access: "public",
    success: noContent,
    problems: ["not-signed-in", "session-ended"],
  },
  {
    area: "auth",
    operation: "getMe",
    method: "GET",
    path: "/api/me",
    summary: "The signed-in account",
    access: "signed-in",
    success: { status: 200, schema: accounts.User },
  },
  {
    area: "auth",
    operation: "patchMe",
    method: "PATCH",
    path: "/api/me",
    summary: "Change the account's name",
    access: "signed-in",
    body: accounts.PatchMeInput,
    success: { status: 200, schema: accounts.User },
  },
  {
    area: "auth",
    operation: "deleteMe",
    method: "DELETE",
    path: "/api/me",
    summary: "Delete the account and every row of it",
    access: "signed-in",
    success: noContent,
  },
  {
    area: "auth",
    operation: "changePassword",
    method: "PUT",
    path: "/api/me/password",
    summary: "Change the password; every other session ends",
    access: "signed-in",
    body: accounts.ChangePasswordInput,
    success: noContent,
    problems: ["wrong-credentials", "weak-password"],
  },
  {
    area: "auth",
    operation: "changePlan",
    method: "PUT",
    path: "/api/me/plan",
    summary: "Change the plan",
    access: "signed-in",
    body: accounts.ChangePlanInput,
    success: { status: 200, schema: accounts.User },
  },
  {
    area: "auth",
    operation: "listSessions",
    method: "GET",
    path: "/api/me/sessions",
    summary: "The account's signed-in devices",
    access: "signed-in",
    success: { status: 200, schema: accounts.SessionList },
  },
  {
    area: "auth",
    operation: "endSession",
    method: "DELETE",
    path: "/api/me/sessions/{sessionId}",
    summary: "Sign a device out",
    access: "signed-in",
    params: Type.Object({ sessionId: Id }),
    success: noContent,
    problems: ["not-found"],
  },
  {
    area: "auth",
    operation: "listPlans",
    method: "GET",
    path: "/api/plans",
    summary: "The plans and what each allows",
    access: "public",
    success: { status: 200, schema: accounts.PlanList },
  },
] as const satisfies readonly Route[];

const catalogueRoutes = [
  {
    area: "catalogue",
    operation: "listSongs",
    method: "GET",
    path: "/api/songs",
    summary: "Songs, by title; searched and filtered",
    access: "signed-in",
    query: catalogue.SongQuery,
    success: { status: 200, schema: catalogue.SongPage },
    problems: ["invalid-cursor"],
  },
  {
    area: "catalogue",
    operation: "getSong",
    method: "GET",
    path: "/api/songs/{songId}",
    summary: "One song",
    access: "signed-in",
    params: songParams,
    success: { status: 200, schema: catalogue.Song },
    problems: ["not-found"],
  },
  {
    area: "catalogue",
    operation: "patchSong",
    method: "PATCH",
    path: "/api/songs/{songId}",
    summary: "Correct a song's metadata",
    access: "curator",
    params: songParams,
    body: catalogue.PatchSongInput,
    success: { status: 200, schema: catalogue.Song },
    problems: ["not-found", "conflict"],
  },
  {
    area: "catalogue",
    operation: "deleteSong",
    method: "DELETE",
    path: "/api/songs/{songId}",
    summary: "Remove a song and its audio",
    access: "curator",
    params: songParams,
    success: noContent,
    problems: ["not-found"],
  },
  {
    area: "catalogue",
    operation: "listAlbums",
    method: "GET",
    path: "/api/albums",
    summary: "Albums, by title",
    access: "signed-in",
    query: catalogue.ListQuery,
    success: { status: 200, schema: catalogue.AlbumPage },
    problems: ["invalid-cursor"],
  },
  {
    area: "catalogue",
    operation: "getAlbum",
    method: "GET",
    path: "/api/albums/{albumId}",
    summary: "One album with its songs",
    access: "signed-in",
    params: Type.Object({ albumId: Id }),
    success: { status: 200, schema: catalogue.AlbumDetail },
    problems: ["not-found"],
  },
  {
    area: "catalogue",
    operation: "listArtists",
    method: "GET",
    path: "/api/artists",
    summary: "Artists, by name",
    access: "signed-in",
    query: catalogue.ListQuery,
    success: { status: 200, schema: catalogue.ArtistPage },
    problems: ["invalid-cursor"],
  },
  {
    area: "catalogue",
    operation: "getArtist",
    method: "GET",
    path: "/api/artists/{artistId}",
    summary: "One artist with albums and songs",
    access: "signed-in",
    params: Type.Object({ artistId: Id }),
    success: { status: 200, schema: catalogue.ArtistDetail },
    problems: ["not-found"],
  },
] as const satisfies readonly Route[];

const uploadRoutes = [
  {
    area: "uploads",
    operation: "startUpload",
    method: "POST",
    path: "/api/uploads",
    summary: "Start or resume an upload",
    access: "curator",
    body: uploads.UploadInput,
    success: { status: 200, schema: uploads.UploadStarted },
    problems: ["upload-quota", "not-found", "conflict"],
  },
  {
    area: "uploads",
    operation: "completeUpload",
    method: "POST",
    path: "/api/uploads/{uploadId}/complete",
    summary: "Check the bytes and make a song of them",
    access: "curator",
    params: uploadParams,
    success: { status: 201, schema: catalogue.Song },
    accepted: uploads.UploadStatus,
    problems: ["not-found", "bad-audio", "conflict"],
  },
  {
    area: "uploads",
    operation: "getUpload",
    method: "GET",
    path: "/api/uploads/{uploadId}",
    summary: "How far an upload is, and for a day what became of it",
    access: "curator",
    params: uploadParams,
    success: { status: 200, schema: uploads.UploadStatus },
    problems: ["not-found"],
  },
  {
    area: "uploads",
    operation: "abortUpload",
    method: "DELETE",
    path: "/api/uploads/{uploadId}",
    summary: "Give an upload up",
    access: "curator",
    params: uploadParams,
    success: noContent,
    problems: ["not-found", "conflict"],
  },
] as const satisfies readonly Route[];

const coverRoutes = [
  {
    area: "covers",
    operation: "putCover",
    method: "PUT",
    path: "/api/songs/{songId}/cover",
    summary: "Give a song a cover",
    access: "curator",
    params: songParams,
    bytes: { contentTypes: coverContentTypes, maxBytes: maxCoverBytes },
    success: { status: 200, schema: catalogue.Song },
    problems: ["not-found", "bad-picture", "conflict"],
  },
] as const satisfies readonly Route[];

const subscriptionProblems = [
  "not-found",
  "precondition-failed",
  "subscription-limit",
  "account-closed",
] as const satisfies readonly ProblemKind[];

const subscriptionRoutes = [
  {
    area: "subscriptions",
    operation: "listSubscriptions",
    method: "GET",
    path: "/api/subscriptions",
    summary: "The subscriptions, or what changed since a revision",
    access: "signed-in",
    query: subscriptions.SubscriptionQuery,
    success: { status: 200, schema: subscriptions.SubscriptionPage },
    problems: ["invalid-cursor"],
  },
  {
    area: "subscriptions",
    operation: "putSubscription",
    method: "PUT",
    path: "/api/subscriptions/{songId}",
    summary: "Subscribe to a song, or set all of a subscription",
    access: "signed-in",
    params: songParams,
    body: subscriptions.PutSubscriptionInput,
    bodyOptional: true,
    conditional: true,
    success: { status: 200, schema: subscriptions.SubscriptionResult },
    problems: subscriptionProblems,
  },
  {
    area: "subscriptions",
    operation: "patchSubscription",
    method: "PATCH",
    path: "/api/subscriptions/{songId}",
    summary: "Change a subscription",
    access: "signed-in",
    params: songParams,
    body: subscriptions.PatchSubscriptionInput,
    conditional: true,
    success: { status: 200, schema: subscriptions.SubscriptionResult },
    problems: subscriptionProblems,
  },
  {
    area: "subscriptions",
    operation: "deleteSubscription",
    method: "DELETE",
    path: "/api/subscriptions/{songId}",
    summary: "Unsubscribe from a song",
    access: "signed-in",
    params: songParams,
    conditional: true,
    success: { status: 200, schema: subscriptions.SubscriptionResult },
    problems: subscriptionProblems,
  },
] as const satisfies readonly Route[];

const liveRoutes = [
  {
    area: "live",
    operation: "getLiveTransports",
    method: "GET",
    path: "/api/live",
    summary: "The live endpoints' URLs, in the order to try them",
    access: "signed-in",
    success: { status: 200, schema: live.LiveTransports },
  },
  {
    area: "live",
    operation: "createLiveTicket",
    method: "POST",
    path: "/api/live/tickets",
    summary: "A one-time ticket of 30 s for a client that can send neither cookie nor header",
    access: "signed-in",
    success: { status: 201, schema: live.LiveTicket },
  },
] as const satisfies readonly Route[];

const opsRoutes = [
  {
    area: "ops",
    operation: "getOpsSummary",
    method: "GET",
    path: "/api/ops/summary",
    summary: "Connections and endpoints at a glance",
    access: "ops",
    success: { status: 200, schema: ops.OpsSummary },
  },
  {
    area: "ops",
    operation: "listConnections",
    method: "GET",
    path: "/api/ops/connections",
    summary: "Every live connection and streaming device",
    access: "ops",
    query: ops.ConnectionQuery,
    success: { status: 200, schema: ops.ConnectionPage },
    problems: ["invalid-cursor"],
  },
  {
    area: "ops",
    operation: "endConnection",
    method: "DELETE",
    path: "/api/ops/connections/{connectionId}",
    summary: "End a connection and its session",
    access: "ops",
    params: Type.Object({ connectionId: Type.String({ minLength: 1, maxLength: 128 }) }),
    success: noContent,
    problems: ["not-found"],
  },
] as const satisfies readonly Route[];

const docsRoutes = [
  {
    area: "docs",
    operation: "getOpenApi",
    method: "GET",
    path: "/api/openapi.json",
    summary: "This API as an OpenAPI 3.1 document",
    access: "public",
    success: { status: 200, schema: Type.Object({}, { additionalProperties: true }) },
  },
] as const satisfies readonly Route[];

/** Every REST operation of Encore. */
export const restRoutes = [
  ...authRoutes,
  ...catalogueRoutes,
  ...uploadRoutes,
  ...coverRoutes,
  ...subscriptionRoutes,
  ...liveRoutes,
  ...opsRoutes,
  ...docsRoutes,
] as const;

const patterns = restRoutes.map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

/** The methods by which there is an operation at a path. */
export const methodsAt = (path: string): string[] =>
  patterns.flatMap(({ method, pattern }) => (pattern.test(path) ? [method] : []));

/** What no other route takes: answered by the functions' own problem document rather than by the gateway's words. */
export const restFallback = { area: "docs", method: "ANY", path: "/api/{proxy+}" } as const;

/** The routes of the WebSocket API; a message's `type` chooses (`$request.body.type`). */
export const webSocketRoutes = ["$connect", "$disconnect", "$default", "hello", "ping", "playback"] as const;

type RestRoute = (typeof restRoutes)[number];
export type RoutesOf<A extends Area> = Extract<RestRoute, { area: A }>;

type StaticOf<R, K extends string> = R extends { readonly [P in K]: infer S extends TSchema }
  ? Static<S>
  : object;

/** What an operation's use case gets: path, query and body in one flat object, checked by their schemas. */
export type InputOf<R> = StaticOf<R, "params"> &
  StaticOf<R, "query"> &
  StaticOf<R, "body"> &
  (R extends { bytes: object } ? { readonly bytes: Uint8Array } : object) &
  (R extends { conditional: true } ? Conditions : object);

/** What it answers: the success schema's type, or nothing for 204. */
export type OutputOf<R> = R extends { success: { schema: infer S extends TSchema } } ? Static<S> : undefined;

/** What it answers while the work goes on. */
export type AcceptedOf<R> = R extends { accepted: infer S extends TSchema } ? Static<S> : never;
