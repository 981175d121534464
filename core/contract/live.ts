import type { Static } from "typebox";
import * as Type from "typebox";
import { DeviceName, Entitlements, PlanName } from "./accounts.ts";
import { Id, Revision, Strict, Timestamp } from "./common.ts";
import { Problem } from "./problem.ts";
import { Change } from "./subscriptions.ts";
import { UploadStatus } from "./uploads.ts";

/** The WebSocket subprotocol and the version of everything in this file. */
export const liveProtocol = "encore.v1";
/** One message is JSON text of at most this many bytes: API Gateway's frame of 32 KB with room to spare. */
export const maxMessageBytes = 24 * 1024;

const message = <T extends string, P extends Parameters<typeof Strict>[0]>(type: T, fields: P) =>
  Strict({ type: Type.Literal(type), ...fields });

/** What one device plays. Compare-and-set by `version`: of two writers of one version, one wins. */
export const PlaybackState = Strict({
  version: Type.Integer({ minimum: 0 }),
  deviceId: Id,
  deviceName: Type.String(),
  songId: Type.Union([Id, Type.Null()]),
  positionSeconds: Type.Number({ minimum: 0 }),
  paused: Type.Boolean(),
  at: Timestamp,
});
export type PlaybackState = Static<typeof PlaybackState>;

export const Device = Strict({
  connectionId: Type.String({ description: "API Gateway's own ids are not of the form of Encore's" }),
  deviceId: Id,
  name: Type.String(),
  since: Timestamp,
  current: Type.Boolean({ description: "The device that is told this" }),
});
export type Device = Static<typeof Device>;

// Client to server.
export const Hello = message("hello", {
  epoch: Type.Union([Id, Type.Null()]),
  since: Type.Union([Revision, Type.Null()]),
  device: Strict({ id: Id, name: DeviceName }),
});
export type Hello = Static<typeof Hello>;
export const Ping = message("ping", {});
/** Report or take over playback. `version` is the state this builds on (0: none seen yet). */
export const PlaybackIntent = message("playback", {
  version: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER - 1 }),
  songId: Type.Union([Id, Type.Null()]),
  positionSeconds: Type.Number({ minimum: 0, maximum: 1e7 }),
  paused: Type.Boolean(),
});
export type PlaybackIntent = Static<typeof PlaybackIntent>;
export const ClientMessage = Type.Union([Hello, Ping, PlaybackIntent]);
export type ClientMessage = Static<typeof ClientMessage>;

// Server to client.
export const Welcome = message("welcome", {
  connectionId: Type.String(),
  epoch: Id,
  revision: Revision,
  heartbeatSeconds: Type.Integer({ minimum: 1 }),
});
/** Applies where `from` ≤ what the device has < `to`; otherwise the device asks again. */
export const Changes = message("changes", { from: Revision, to: Revision, changes: Type.Array(Change) });
export type Changes = Static<typeof Changes>;
/** The device is to fetch the list by REST: it is new, has another epoch, or misses more than fits a message. */
export const Resync = message("resync", { epoch: Id, revision: Revision });
export const Pong = message("pong", { revision: Type.Optional(Revision) });
export const AccountMessage = message("account", { plan: PlanName, entitlements: Entitlements });
/** The playback row as it now stands; to the loser of a race too, which thereby learns that it lost. */
export const PlaybackMessage = message("playback", { state: Type.Union([PlaybackState, Type.Null()]) });
export const DevicesMessage = message("devices", { items: Type.Array(Device) });
/** One of the curator's own uploads is being processed, is a song, or has failed. */
export const UploadMessage = message("upload", { upload: UploadStatus });
/** How many songs one `catalogue` names. */
export const maxChangedSongs = 32;
/**
 * Songs that are new, changed or gone. A device fetches anew what it shows of the catalogue: lists too, since a song
 * that it has never seen may belong to one.
 */
export const CatalogueMessage = message("catalogue", {
  changed: Type.Union([
    Type.Array(Id, { minItems: 1, maxItems: maxChangedSongs }),
    Type.Literal("many", { description: "More than one message names" }),
  ]),
});
export type CatalogueMessage = Static<typeof CatalogueMessage>;
export const ByeReason = Type.Union([
  Type.Literal("session-ended"),
  Type.Literal("draining"),
  Type.Literal("flood"),
  Type.Literal("slow-consumer"),
  Type.Literal("kicked"),
  Type.Literal("too-many-connections"),
]);
export type ByeReason = Static<typeof ByeReason>;
export const Bye = message("bye", { reason: ByeReason, retryAfterSeconds: Type.Number({ minimum: 0 }) });
export const ErrorMessage = message("error", { problem: Problem });
export const ServerMessage = Type.Union([
  Welcome,
  Changes,
  Resync,
  Pong,
  AccountMessage,
  PlaybackMessage,
  DevicesMessage,
  UploadMessage,
  CatalogueMessage,
  Bye,
  ErrorMessage,
]);
export type ServerMessage = Static<typeof ServerMessage>;

/** Close codes beyond RFC 6455 §7.4.1 (4000–4999 are for applications), and the standard ones Encore uses. */
export const closeCodes = {
  /** Service restart (IANA registry): the node drains; come back after `bye.retryAfterSeconds`. */
  restart: 1012,
  /** The session ended or was kicked: do not come back without signing in. */
  sessionEnded: 4001,
  /** As many connections as one account may have are open. */
  tooManyConnections: 4030,
  /** Too many messages in too short a time. */
  flood: 4029,
  /** More than 64 KiB were waiting for a device that does not read. */
  slowConsumer: 4008,
} as const;

export const LiveTransports = Strict({
  transports: Type.Array(
    Strict({ url: Type.String(), kind: Type.Union([Type.Literal("node"), Type.Literal("gateway")]) }),
    {
      description: "In the order to try them",
    },
  ),
  protocol: Type.Literal(liveProtocol),
});
export type LiveTransports = Static<typeof LiveTransports>;

export const LiveTicket = Strict({ ticket: Type.String(), expiresInSeconds: Type.Integer() });
export type LiveTicket = Static<typeof LiveTicket>;
