import type { Changes, Device, ServerMessage } from "../../contract/live.ts";
import { entitlementsOf } from "../plans.ts";
import {
  type AccountEvent,
  type ConnectionRow,
  endpointsOf,
  type NodeEvent,
  type Parcel,
  type Post,
  type Reach,
} from "./ports.ts";
import { fits } from "./protocol.ts";
import type { UserTelling } from "./tellings.ts";

type MutableParcel = { posts: Post[]; events: NodeEvent[] };

/** What each endpoint is to be told of one user, in order. */
export function parcelsFor(
  tellings: readonly UserTelling[],
  { connections, places }: Reach,
): ReadonlyMap<string, Parcel> {
  const parcels = new Map<string, MutableParcel>();
  const parcelOf = (endpointId: string): MutableParcel => {
    const parcel = parcels.get(endpointId) ?? { posts: [], events: [] };
    parcels.set(endpointId, parcel);
    return parcel;
  };
  for (const telling of merged(tellings)) {
    for (const [endpointId, posts] of postsOf(telling, connections))
      parcelOf(endpointId).posts.push(...posts);
    for (const [event, endpointId] of eventsOf(telling, places)) parcelOf(endpointId).events.push(event);
  }
  return parcels;
}

/** Neighbouring changes become one message as far as it fits, and several comings and goings one list. */
function merged(tellings: readonly UserTelling[]): readonly Message[] {
  const messages: Message[] = [];
  for (const telling of tellings) {
    const last = messages.at(-1);
    const joined = last && join(last, telling);
    if (joined) messages[messages.length - 1] = joined;
    else messages.push(start(telling));
  }
  return messages;
}

type Message =
  | Exclude<UserTelling, { kind: "changes" }>
  | { readonly kind: "changes"; readonly epoch: string; readonly message: Changes };

const start = (telling: UserTelling): Message =>
  telling.kind === "changes"
    ? {
        kind: "changes",
        epoch: telling.epoch,
        message: { type: "changes", from: telling.from, to: telling.to, changes: [telling.change] },
      }
    : telling;

function join(last: Message, next: UserTelling): Message | undefined {
  if (last.kind === "devices" && next.kind === "devices") return last;
  if (last.kind !== "changes" || next.kind !== "changes") return undefined;
  if (last.epoch !== next.epoch || last.message.to !== next.from) return undefined;
  const { from, changes } = last.message;
  const message: Changes = { type: "changes", from, to: next.to, changes: [...changes, next.change] };
  return fits(message) ? { kind: "changes", epoch: next.epoch, message } : undefined;
}

type Posts = Iterable<readonly [endpointId: string, posts: readonly Post[]]>;

function postsOf(message: Message, connections: readonly ConnectionRow[]): Posts {
  switch (message.kind) {
    case "changes":
      return alike(connections, message.message);
    case "renewed":
      return alike(connections, { type: "stale", epoch: message.epoch, revision: message.revision });
    case "playback":
      // The writer was answered directly.
      return alike(
        connections.filter(({ connectionId }) => connectionId !== message.by),
        { type: "playback", state: message.state },
      );
    case "account":
      return alike(connections, {
        type: "account",
        plan: message.plan,
        entitlements: entitlementsOf(message.plan),
      });
    case "session-ended":
      return endOf(connections.filter(({ sessionId }) => sessionId === message.sessionId));
    case "places-revoked":
      return [];
    case "devices":
      return devicesFor(connections);
    case "upload":
      return alike(connections, { type: "upload", upload: message.upload });
  }
}

const byEndpoint = (connections: readonly ConnectionRow[]): Map<string, ConnectionRow[]> =>
  Map.groupBy(connections, ({ endpointId }) => endpointId);

const idsOf = (connections: readonly ConnectionRow[]): string[] =>
  connections.map(({ connectionId }) => connectionId);

function* alike(connections: readonly ConnectionRow[], message: ServerMessage): Posts {
  const text = JSON.stringify(message);
  for (const [endpointId, rows] of byEndpoint(connections))
    yield [endpointId, [{ connectionIds: idsOf(rows), text }]];
}

function* endOf(connections: readonly ConnectionRow[]): Posts {
  for (const [endpointId, rows] of byEndpoint(connections))
    yield [endpointId, [{ connectionIds: idsOf(rows), end: "session-ended" }]];
}

/** Bounds the message; nobody has so many devices at once but by accident. */
const maxDevices = 50;

/** Each device gets the list with itself marked. */
function* devicesFor(connections: readonly ConnectionRow[]): Posts {
  const introduced = connections.filter(({ device }) => device !== undefined).slice(0, maxDevices);
  for (const [endpointId, rows] of byEndpoint(introduced)) {
    yield [endpointId, rows.map(({ connectionId }) => listFor(connectionId, introduced))];
  }
}

function listFor(connectionId: string, introduced: readonly ConnectionRow[]): Post {
  const items = introduced.map((row) => toDevice(row, row.connectionId === connectionId));
  return { connectionIds: [connectionId], text: JSON.stringify({ type: "devices", items }) };
}

const toDevice = ({ connectionId, device, since }: ConnectionRow, current: boolean): Device => ({
  connectionId,
  deviceId: device?.id ?? "",
  name: device?.name ?? "",
  since,
  current,
});

function* eventsOf(
  message: Message,
  places: Reach["places"],
): Iterable<readonly [event: AccountEvent, endpointId: string]> {
  if (message.kind === "places-revoked") {
    const { endpointIds, ...event } = message;
    for (const endpointId of endpointIds) yield [event, endpointId];
    return;
  }
  if (message.kind !== "account" && message.kind !== "session-ended") return;
  const endpointIds = [...places]
    .filter(([sessionId]) => message.kind === "account" || message.sessionId === sessionId)
    .flatMap(([, place]) => endpointsOf(place));
  for (const endpointId of new Set(endpointIds)) yield [message, endpointId];
}
