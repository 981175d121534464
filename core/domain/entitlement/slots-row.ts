/** Where one session streams. */
export type StreamSlot = {
  /** The process that acquired it last, and the others at which responses of the session may still be open. */
  readonly endpointId: string;
  readonly otherEndpointIds?: readonly string[];
  readonly deviceName?: string;
  /** ISO 8601. */
  readonly since?: string;
  /** The version of the row at which it was acquired: what orders slots, where clocks cannot. */
  readonly order?: number;
  /** The id of the person's wish that acquired it, where one was named. */
  readonly wish?: string;
};

/** Every process at which a session may stream. */
export const endpointsOf = ({ endpointId, otherEndpointIds = [] }: StreamSlot): readonly string[] => [
  endpointId,
  ...otherEndpointIds,
];

/** A session whose slot another device took, at one version of the row. */
export type Displacement = {
  readonly version: number;
  /** ISO 8601, by the clock of the process that wrote it. */
  readonly at: string;
  /** The wish that the session had its slot by: naming it again is no new wish. */
  readonly wish?: string;
};

/** The stream slots of one user, by session; `version` counts the states (0: there is no row). */
export type StreamSlots = {
  readonly version: number;
  readonly bySession: ReadonlyMap<string, StreamSlot>;
  readonly displaced: ReadonlyMap<string, Displacement>;
};

type Row = Readonly<Record<string, unknown>>;

/** The sort key of a user's row of stream slots in `connection`. */
export const slotsSortKey = "streams";

export const isSlotsRow = (row: Row | undefined): row is Row => row?.connectionId === slotsSortKey;

/** Reads the row of the table `connection`, whose attribute `places` holds the slots. */
export function slotsFromRow(row: Row | undefined): StreamSlots {
  const { version = 0, places = {}, displaced = {} } = row ?? {};
  return {
    version: Number(version),
    bySession: new Map(Object.entries(places as Record<string, StreamSlot>)),
    displaced: new Map(Object.entries(displaced as Record<string, Displacement>)),
  };
}

export const slotsToRow = (userId: string, { version, bySession, displaced }: StreamSlots): Row => ({
  userId,
  connectionId: slotsSortKey,
  version,
  places: Object.fromEntries(bySession),
  displaced: Object.fromEntries(displaced),
});
