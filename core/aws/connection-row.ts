import { isSlotsRow, slotsFromRow } from "../domain/entitlement/slots-row.ts";
import type { ConnectionRow, ScanPosition, UserConnections } from "../domain/live/cluster/ports.ts";

type Row = Record<string, unknown>;

export const toLiveRow = (row: ConnectionRow): Row => ({ ...row, kind: "live" });

const isLive = (row: Row): boolean => row.kind === "live";

/** Reads the row; an expired one is dead whether or not time-to-live has removed it. */
export function fromLiveRow(row: Row | undefined, now: Date): ConnectionRow | undefined {
  if (!row || !isLive(row)) return undefined;
  const { kind: _, ...connection } = row;
  const { ttl } = connection;
  return typeof ttl === "number" && ttl * 1000 <= now.getTime() ? undefined : (connection as ConnectionRow);
}

/** What the rows of one user say. */
export function toUserConnections(rows: readonly Row[], now: Date): UserConnections {
  return {
    connections: rows.flatMap((row) => fromLiveRow(row, now) ?? []),
    slots: slotsFromRow(rows.find(isSlotsRow)).bySession,
  };
}

export const toPosition = (key: Row | undefined): { next?: ScanPosition } =>
  key ? { next: { userId: String(key.userId), connectionId: String(key.connectionId) } } : {};
