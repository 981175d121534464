import type { Registry } from "../cluster/registry.ts";
import type { SongEvent } from "./ports.ts";
import type { PushEvent, UserEvent } from "./push-event.ts";
import { type PushToUserDeps, pushToUser } from "./push-to-user.ts";
import { waitAtMost } from "./wait-at-most.ts";

export type PushDeps = PushToUserDeps & { readonly registry: Registry };

export type PushOptions = {
  /** Number of users who are pushed to at the same time. */
  readonly concurrency?: number;
  /** How long one delivery is waited for, in milliseconds; a slower one goes on by itself. */
  readonly timeoutMs?: number;
};

/** An event, and the sequence number of the stream record that it came from. */
export type SequencedEvent<E extends PushEvent = PushEvent> = {
  readonly event: E;
  readonly sequenceNumber: string;
};

const defaultTimeoutMs = 300;

/**
 * Pushes events to each user's devices, in order, and song events to all nodes. Neither another user nor an endpoint that
 * does not answer holds a user up.
 * @returns the sequence numbers of the records to be retried: their recipients could not be read
 */
export async function push(
  deps: PushDeps,
  events: readonly SequencedEvent[],
  { concurrency = 64, timeoutMs = defaultTimeoutMs }: PushOptions = {},
): Promise<readonly string[]> {
  const failed = await Promise.all([
    pushToUsers(deps, events.filter(isUserEvent), concurrency, timeoutMs),
    pushToNodes(deps, events.filter(isSongEvent), timeoutMs),
  ]);
  return failed.flat();
}

const isSongEvent = (item: SequencedEvent): item is SequencedEvent<SongEvent> =>
  item.event.kind === "song-changed";

const isUserEvent = (item: SequencedEvent): item is SequencedEvent<UserEvent> => !isSongEvent(item);

const sequenceNumbersOf = (items: readonly SequencedEvent[]): readonly string[] =>
  items.map(({ sequenceNumber }) => sequenceNumber);

async function pushToUsers(
  deps: PushDeps,
  items: readonly SequencedEvent<UserEvent>[],
  concurrency: number,
  timeoutMs: number,
): Promise<readonly string[]> {
  const users = [...Map.groupBy(items, ({ event }) => event.userId)];
  const failed: string[] = [];
  const pushToNext = async (): Promise<void> => {
    for (let user = users.pop(); user; user = users.pop()) {
      const [userId, ofUser] = user;
      const events = ofUser.map(({ event }) => event);
      try {
        await pushToUser(deps, userId, events, timeoutMs);
      } catch (error) {
        deps.log.error({ userId, err: error }, "A push to a user failed");
        failed.push(...sequenceNumbersOf(ofUser));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, users.length) }, pushToNext));
  return failed;
}

/** Any node may know a song, whoever listens there. */
async function pushToNodes(
  { registry, dispatcher, log }: PushDeps,
  items: readonly SequencedEvent<SongEvent>[],
  timeoutMs: number,
): Promise<readonly string[]> {
  if (items.length === 0) return [];
  const events = items.map(({ event }) => event);
  try {
    const endpoints = await registry.list();
    const nodes = endpoints.filter((endpoint) => endpoint.kind === "node" && registry.isAlive(endpoint));
    const deliveries = nodes.map(
      async (node) => void (await dispatcher.dispatch(node, { posts: [], events })),
    );
    await waitAtMost(timeoutMs, log, deliveries);
    return [];
  } catch (error) {
    log.error({ err: error }, "A push of songs to nodes failed");
    return sequenceNumbersOf(items);
  }
}
