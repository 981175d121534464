import type { PlanName, Role } from "../../../contract/accounts.ts";
import type { PlaybackState } from "../../../contract/live.ts";
import type { UploadStatus } from "../../../contract/uploads.ts";
import { endpointsOf, isSlotsRow, type StreamSlot, slotsFromRow } from "../../entitlement/slots-row.ts";
import {
  type CommittedChange,
  changeFromHead,
  type RenewedHead,
  renewalFromHead,
} from "../../subscriptions/head.ts";
import type { OpenUpload } from "../../uploads/ports.ts";
import { statusOf } from "../../uploads/status.ts";
import type { AccountEvent, SlotsRevoked, SongEvent } from "./ports.ts";

type Row = Readonly<Record<string, unknown>>;

/** One committed write of a row: the images before and after it. `table` is the name without its prefix. */
export type RowChange = {
  readonly table: string;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
};

/** What one row's change means: to one user's devices, or to every node that may serve a song. */
export type PushEvent = UserEvent | SongEvent;

export type UserEvent =
  | ({ readonly kind: "changes" } & CommittedChange)
  | ({ readonly kind: "renewed" } & RenewedHead)
  | { readonly kind: "playback"; readonly userId: string; readonly state: PlaybackState; readonly by: string }
  | Exclude<AccountEvent, SlotsRevoked>
  | (SlotsRevoked & { readonly endpointIds: readonly string[] })
  | { readonly kind: "devices"; readonly userId: string }
  | { readonly kind: "upload"; readonly userId: string; readonly upload: UploadStatus };

/** The sort key of the playback row in `subscription`. */
export const playbackSortKey = "playback";

/** The event of one row's change, from the change alone; undefined where nobody is to be told of it. */
export function pushEventOf(change: RowChange): PushEvent | undefined {
  switch (change.table) {
    case "subscription":
      return change.after && (renewed(change) ?? changes(change.after) ?? playback(change.after));
    case "login":
      return account(change);
    case "session":
      return sessionEnded(change);
    case "connection":
      return devices(change) ?? slotsRevoked(change);
    case "music":
      return songChanged(change);
    case "upload":
      return uploadChanged(change);
    default:
      return undefined;
  }
}

function changes(after: Row): PushEvent | undefined {
  const committed = changeFromHead(after);
  return committed && { kind: "changes", ...committed };
}

/** The head has a new epoch; its last change was told in the old one. */
function renewed({ before, after }: RowChange): PushEvent | undefined {
  const renewal = after && renewalFromHead(before, after);
  return renewal && { kind: "renewed", ...renewal };
}

function playback(after: Row): PushEvent | undefined {
  if (after.sk !== playbackSortKey) return undefined;
  const { userId, state, connectionId } = after as {
    userId: string;
    state: PlaybackState;
    connectionId: string;
  };
  return { kind: "playback", userId, state, by: connectionId };
}

function account({ before, after }: RowChange): PushEvent | undefined {
  if (!before || !after || (before.plan === after.plan && before.role === after.role)) return undefined;
  const { userId, plan, role } = after as { userId: string; plan: PlanName; role: Role };
  return { kind: "account", userId, plan, role };
}

/** Tickets and counters live in the same table; what belongs to a device has a user and a refresh token. */
function sessionEnded({ before, after }: RowChange): PushEvent | undefined {
  if (after || !before?.refreshHash) return undefined;
  return { kind: "session-ended", userId: String(before.userId), sessionId: String(before.sessionId) };
}

/** A device comes when it introduces itself, and goes with its row. */
function devices({ before, after }: RowChange): PushEvent | undefined {
  const row = after ?? before;
  if (row?.kind !== "live" || (!before?.device && !after?.device)) return undefined;
  const renamed = JSON.stringify(before?.device) !== JSON.stringify(after?.device);
  return renamed ? { kind: "devices", userId: String(row.userId) } : undefined;
}

/** Sessions that lost their slot by this very write; where they streamed, only the row before says. */
function slotsRevoked({ before, after }: RowChange): PushEvent | undefined {
  if (!isSlotsRow(after)) return undefined;
  const { version, displaced } = slotsFromRow(after);
  const { bySession } = slotsFromRow(before);
  const lost = [...displaced].filter(([, { version: at }]) => at === version).map(([id]) => id);
  const endpointIds = new Set(lost.flatMap((id) => endpointsAt(bySession.get(id))));
  if (endpointIds.size === 0) return undefined;
  const userId = String(after.userId);
  return { kind: "places-revoked", userId, sessionIds: lost, version, endpointIds: [...endpointIds] };
}

const endpointsAt = (slot: StreamSlot | undefined): readonly string[] => (slot ? endpointsOf(slot) : []);

/** What of a song's row decides what is sent of it. */
const served = ({ tier, audio, preview, cover }: Row): string =>
  JSON.stringify([tier, audio, preview, cover]);

/** Nothing is served yet of a new song, and a better title changes nothing of what is. */
function songChanged({ before, after }: RowChange): PushEvent | undefined {
  const row = after ?? before;
  if (row?.kind !== "song" || JSON.stringify(before) === JSON.stringify(after)) return undefined;
  const isServed = before !== undefined && (after === undefined || served(before) !== served(after));
  return { kind: "song-changed", songId: String(row.songId), served: isServed };
}

/** What its curator does not know from the answer to a call: the upload is being processed, or that has ended. */
function uploadChanged({ before, after }: RowChange): PushEvent | undefined {
  if (!after || after.state === "open" || before?.state === after.state) return undefined;
  const upload = after.upload as OpenUpload;
  return { kind: "upload", userId: upload.userId, upload: statusOf(upload) };
}
