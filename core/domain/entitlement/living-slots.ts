import { endpointsOf, type StreamSlot, type StreamSlots } from "./slots-row.ts";

type Slots = ReadonlyMap<string, StreamSlot>;

/** Whether a session still has a slot, and by this process. */
export function holdsSlot(
  { bySession }: StreamSlots,
  { sessionId, endpointId }: { readonly sessionId: string; readonly endpointId: string },
): boolean {
  const slot = bySession.get(sessionId);
  return slot !== undefined && endpointsOf(slot).includes(endpointId);
}

/**
 * The sessions that may go on when a plan allows fewer devices than are playing: those that began last. Every
 * node works this out from the same row, so together they end just as many as they must.
 */
export function keptSessions(
  { bySession }: StreamSlots,
  alive: ReadonlySet<string>,
  devices: number,
): ReadonlySet<string> {
  return new Set(oldestFirst(livingSlots(bySession, alive)).slice(-devices));
}

/** Session ids by the order in which their slots were acquired. */
export function oldestFirst(slots: Slots): string[] {
  const byOrder = (
    [a, { order: left = 0 }]: [string, StreamSlot],
    [b, { order: right = 0 }]: [string, StreamSlot],
  ) => left - right || (a < b ? -1 : 1);
  return [...slots].sort(byOrder).map(([sessionId]) => sessionId);
}

/** The slots without the processes that are dead; a slot that no other process holds is free. */
export function livingSlots(slots: Slots, alive: ReadonlySet<string>): Map<string, StreamSlot> {
  const living = [...slots].flatMap(([sessionId, slot]): [string, StreamSlot][] => {
    const left = withEndpoints(slot, (id) => alive.has(id));
    return left ? [[sessionId, left]] : [];
  });
  return new Map(living);
}

/** The slot with some of its processes; undefined where none is left. */
export function withEndpoints(
  slot: StreamSlot,
  keeps: (endpointId: string) => boolean,
): StreamSlot | undefined {
  const { otherEndpointIds: _, ...rest } = slot;
  const [endpointId, ...others] = endpointsOf(slot).filter(keeps);
  if (endpointId === undefined) return undefined;
  return { ...rest, endpointId, ...(others.length > 0 && { otherEndpointIds: others }) };
}
