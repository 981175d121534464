import type { Changes, Device, ServerMessage } from "../../../contract/live.ts";
import { endpointsOf } from "../../entitlement/slots-row.ts";
import { entitlementsOf } from "../../plans.ts";
import type { ConnectionRow, UserConnections } from "../cluster/ports.ts";
import { fits } from "../protocol/receive.ts";
import type { AccountEvent, ConnectionCommand, NodeEvent, PushBatch } from "./ports.ts";
import type { UserEvent } from "./push-event.ts";

type MutableBatch = { posts: ConnectionCommand[]; events: NodeEvent[] };

/** The batch for each endpoint, by its id: what one user's events mean to it, in order. */
export function fanOut(
  events: readonly UserEvent[],
  { connections, slots }: UserConnections,
): ReadonlyMap<string, PushBatch> {
  const batches = new Map<string, MutableBatch>();
  const batchOf = (endpointId: string): MutableBatch => {
    const batch = batches.get(endpointId) ?? { posts: [], events: [] };
    batches.set(endpointId, batch);
    return batch;
  };
  for (const event of merge(events)) {
    for (const [endpointId, commands] of commandsOf(event, connections))
      batchOf(endpointId).posts.push(...commands);
    for (const [nodeEvent, endpointId] of nodeEventsOf(event, slots))
      batchOf(endpointId).events.push(nodeEvent);
  }
  return batches;
}

/** A user's event; neighbouring changes are one `changes` message. */
type MergedEvent =
  | Exclude<UserEvent, { kind: "changes" }>
  | { readonly kind: "changes"; readonly epoch: string; readonly message: Changes };

/** Neighbouring changes become one message, as far as it fits; neighbouring lists of devices become one. */
function merge(events: readonly UserEvent[]): readonly MergedEvent[] {
  const merged: MergedEvent[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    const joined = last && join(last, event);
    if (joined) merged[merged.length - 1] = joined;
    else merged.push(toMerged(event));
  }
  return merged;
}

const toMerged = (event: UserEvent): MergedEvent =>
  event.kind === "changes"
    ? {
        kind: "changes",
        epoch: event.epoch,
        message: { type: "changes", from: event.from, to: event.to, changes: [event.change] },
      }
    : event;

function join(last: MergedEvent, next: UserEvent): MergedEvent | undefined {
  if (last.kind === "devices" && next.kind === "devices") return last;
  if (last.kind !== "changes" || next.kind !== "changes") return undefined;
  if (last.epoch !== next.epoch || last.message.to !== next.from) return undefined;
  const { from, changes } = last.message;
  const message: Changes = { type: "changes", from, to: next.to, changes: [...changes, next.change] };
  return fits(message) ? { kind: "changes", epoch: next.epoch, message } : undefined;
}

type CommandsByEndpoint = Iterable<readonly [endpointId: string, commands: readonly ConnectionCommand[]]>;

function commandsOf(event: MergedEvent, connections: readonly ConnectionRow[]): CommandsByEndpoint {
  switch (event.kind) {
    case "changes":
      return broadcast(connections, event.message);
    case "renewed":
      return broadcast(connections, { type: "resync", epoch: event.epoch, revision: event.revision });
    case "playback":
      // The writer was answered directly.
      return broadcast(
        connections.filter(({ connectionId }) => connectionId !== event.by),
        { type: "playback", state: event.state },
      );
    case "account":
      return broadcast(connections, {
        type: "account",
        plan: event.plan,
        entitlements: entitlementsOf(event.plan),
      });
    case "session-ended":
      return end(connections.filter(({ sessionId }) => sessionId === event.sessionId));
    case "places-revoked":
      return [];
    case "devices":
      return deviceLists(connections);
    case "upload":
      return broadcast(connections, { type: "upload", upload: event.upload });
  }
}

const byEndpoint = (connections: readonly ConnectionRow[]): Map<string, ConnectionRow[]> =>
  Map.groupBy(connections, ({ endpointId }) => endpointId);

const idsOf = (connections: readonly ConnectionRow[]): string[] =>
  connections.map(({ connectionId }) => connectionId);

/** One message to all connections. */
function* broadcast(connections: readonly ConnectionRow[], message: ServerMessage): CommandsByEndpoint {
  const text = JSON.stringify(message);
  for (const [endpointId, rows] of byEndpoint(connections))
    yield [endpointId, [{ connectionIds: idsOf(rows), text }]];
}

function* end(connections: readonly ConnectionRow[]): CommandsByEndpoint {
  for (const [endpointId, rows] of byEndpoint(connections))
    yield [endpointId, [{ connectionIds: idsOf(rows), end: "session-ended" }]];
}

/** Bounds the message; nobody has so many devices at once but by accident. */
const maxDevices = 50;

/** To each device the list of all, with itself marked. */
function* deviceLists(connections: readonly ConnectionRow[]): CommandsByEndpoint {
  const introduced = connections.filter(({ device }) => device !== undefined).slice(0, maxDevices);
  for (const [endpointId, rows] of byEndpoint(introduced)) {
    yield [endpointId, rows.map(({ connectionId }) => deviceListFor(connectionId, introduced))];
  }
}

function deviceListFor(connectionId: string, introduced: readonly ConnectionRow[]): ConnectionCommand {
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

/** Events for the nodes at which the user streams. */
function* nodeEventsOf(
  event: MergedEvent,
  slots: UserConnections["slots"],
): Iterable<readonly [event: AccountEvent, endpointId: string]> {
  if (event.kind === "places-revoked") {
    const { endpointIds, ...revoked } = event;
    for (const endpointId of endpointIds) yield [revoked, endpointId];
    return;
  }
  if (event.kind !== "account" && event.kind !== "session-ended") return;
  const endpointIds = [...slots]
    .filter(([sessionId]) => event.kind === "account" || event.sessionId === sessionId)
    .flatMap(([, slot]) => endpointsOf(slot));
  for (const endpointId of new Set(endpointIds)) yield [event, endpointId];
}
