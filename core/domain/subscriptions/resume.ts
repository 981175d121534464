import { type Changes, maxMessageBytes } from "../../contract/live.ts";
import type { Change } from "../../contract/subscriptions.ts";
import type { Head } from "./head.ts";
import { openHead } from "./open-head.ts";
import { overlayByRevision } from "./overlay.ts";
import type { SubscriptionReaderDeps, SubscriptionStore } from "./ports.ts";
import { renewIfProven } from "./renew-epoch.ts";

/** What a device has: nulls where it has nothing yet. */
export type DevicePosition = { readonly epoch: string | null; readonly since: number | null };

type Position = { readonly epoch: string; readonly revision: number };

/** `changes`: exactly what is missing. `current`: nothing is. `resync`: fetch the list by REST. */
export type Resumed = Position &
  (
    | { readonly kind: "changes"; readonly from: number; readonly to: number; readonly changes: Change[] }
    | { readonly kind: "resync" }
    | { readonly kind: "current" }
  );

/**
 * Tells a device what it misses, however long it was away.
 * @param head the user's head where it is read already (`headOf`); otherwise it is read here
 * @throws DomainError `account-closed`
 */
export async function resume(
  deps: SubscriptionReaderDeps,
  { userId, epoch, since, head: known }: DevicePosition & { readonly userId: string; readonly head?: Head },
): Promise<Resumed> {
  const found = known ?? (await openHead(deps, userId));
  const head = await renewIfProven(deps, found, { epoch, since });
  const position = { epoch: head.epoch, revision: head.headRevision };
  if (since === null || epoch !== head.epoch || since > head.headRevision)
    return { kind: "resync", ...position };
  if (since === head.headRevision) return { kind: "current", ...position };
  const changes = await changesBetween(deps.subscriptions, head, since);
  return changes
    ? { kind: "changes", ...position, from: since, to: head.headRevision, changes }
    : { kind: "resync", ...position };
}

/** Where one user's heads stand, without those that have none or are closed; for `pong` and for many at once. */
export async function headOf(
  deps: Pick<SubscriptionReaderDeps, "subscriptions">,
  userIds: readonly string[],
): Promise<Map<string, Position & { readonly head: Head }>> {
  const heads = await deps.subscriptions.heads([...new Set(userIds)]);
  return new Map(
    heads
      .filter(({ closed }) => !closed)
      .map((head) => [head.userId, { epoch: head.epoch, revision: head.headRevision, head }]),
  );
}

/** More changes than these never fit one message, so no more rows are fetched at once. */
const smallestChangeBytes = 64;
const pageSize = maxMessageBytes / smallestChangeBytes;

/** What happened after `since`, or nothing where one message does not hold it. */
async function changesBetween(
  store: SubscriptionStore,
  head: Head,
  since: number,
): Promise<Change[] | undefined> {
  const { userId, headRevision, last } = head;
  if (last && since === headRevision - 1) return [last];
  const message: Changes = { type: "changes", from: since, to: headRevision, changes: [] };
  let bytes = jsonBytes(message);
  for await (const row of overlayByRevision(store.changesSince(userId, since, pageSize), last, since)) {
    bytes += jsonBytes(row) + 1;
    if (bytes > maxMessageBytes) return undefined;
    message.changes.push(row);
  }
  return message.changes;
}

const encoder = new TextEncoder();
const jsonBytes = (value: unknown): number => encoder.encode(JSON.stringify(value)).byteLength;
