import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import type { Database } from "../../core/aws/clients.ts";
import { toStreamRecord } from "../../core/aws/stream-records.ts";
import type { ClientMessage, ServerMessage } from "../../core/contract/live.ts";
import type { ConnectionStore } from "../../core/domain/live/cluster/ports.ts";
import type { PlaybackStore } from "../../core/domain/live/protocol/ports.ts";
import { type Head, headSortKey } from "../../core/domain/subscriptions/head.ts";
import type { SubscriptionStore } from "../../core/domain/subscriptions/ports.ts";
import type { StreamHandler } from "../../infra/local/dynamodb/streams.ts";
import type { LiveNodeOptions } from "../../server/live/node.ts";

/** What becomes of Encore without one of its defences: each hook takes it away where it stands. */
export type Switch = {
  /** What the defence is for. */
  readonly keeps: string;
  /** The store of the REST functions. */
  readonly subscriptions?: (store: SubscriptionStore, database: Database) => SubscriptionStore;
  /** The store of both live endpoints. */
  readonly heads?: (store: SubscriptionStore) => SubscriptionStore;
  readonly connections?: (store: ConnectionStore, database: Database) => ConnectionStore;
  readonly playback?: (store: PlaybackStore, database: Database) => PlaybackStore;
  readonly push?: (handler: StreamHandler) => StreamHandler;
  readonly node?: LiveNodeOptions;
  /** A node that is asked to end does so at once. */
  readonly restart?: "cut";
  /** What a device hears of a message. */
  readonly heard?: (message: ServerMessage) => ServerMessage | undefined;
  /** Whether a device says it. @param before how many of its kind this connection has said */
  readonly says?: (message: ClientMessage, before: number) => boolean;
};

/** Writes a row whatever is there. */
const write = async ({ client, table }: Database, name: "subscription", Item: Record<string, unknown>) => {
  await client.send(new PutCommand({ TableName: table(name), Item }));
  return true;
};

const withoutLast = ({ last: _, ...head }: Head): Head => head;

/** Heads as they would be if they did not carry their change. */
const carryingNothing = (store: SubscriptionStore): SubscriptionStore => ({
  ...store,
  head: async (userId) => {
    const head = await store.head(userId);
    return head && withoutLast(head);
  },
  heads: async (userIds) => (await store.heads(userIds)).map(withoutLast),
});

export const defences = {
  "commit-condition": {
    keeps: "No acknowledged change is lost, and no revision is given twice, when writers race",
    subscriptions: (store, database) => ({
      ...store,
      commit: (head) => write(database, "subscription", { ...head, sk: headSortKey }),
    }),
  },
  "closed-head": {
    keeps: "Nothing is written for an account that is being deleted",
    subscriptions: (store, database) => ({
      ...store,
      head: async (userId) => {
        const { closed: _, ...head } = (await store.head(userId)) ?? {};
        return "userId" in head ? (head as Head) : undefined;
      },
      commit: (head) => write(database, "subscription", { ...head, sk: headSortKey }),
    }),
  },
  "change-names": {
    keeps: "A change that is sent again after a lost answer is applied once",
    subscriptions: (store) => ({
      ...store,
      head: async (userId) => {
        const head = await store.head(userId);
        return head && { ...head, changeIds: [] };
      },
    }),
  },
  redo: {
    keeps: "A change whose writer died between its head and its row is mended by the next writer",
    subscriptions: (store) => {
      const own = new Set<string>();
      const name = (userId: string, revision: number) => `${userId} ${revision}`;
      return {
        ...store,
        commit: async (head) => {
          own.add(name(head.userId, head.headRevision));
          return store.commit(head);
        },
        writeSong: async (userId, change) => {
          if (own.delete(name(userId, change.revision))) await store.writeSong(userId, change);
        },
      };
    },
  },
  "carried-change-in-lists": {
    keeps: "A list is right although the writer of the newest change died before it wrote the row",
    subscriptions: carryingNothing,
  },
  "carried-change-at-endpoints": {
    keeps: "A device resumes exactly although the writer of the newest change died before it wrote the row",
    heads: carryingNothing,
  },
  sequence: {
    keeps: "A push applies only where it continues what the device has",
    heard: (message) => (message.type === "changes" ? { ...message, from: 0 } : message),
  },
  "asking-again": {
    keeps: "A device that misses something asks for it",
    says: (message, before) => message.type !== "hello" || before === 0,
  },
  "head-in-pong": {
    keeps: "A push that was lost is found although nothing follows it",
    heard: (message) => (message.type === "pong" ? { type: "pong" } : message),
  },
  resync: {
    keeps: "A device that misses more than a message holds fetches the list",
    heard: (message) => (message.type === "resync" ? undefined : message),
  },
  epoch: {
    keeps: "A device notices that the table was restored from a backup",
    subscriptions: (store) => {
      const epochs = new Map<string, string>();
      return {
        ...store,
        head: async (userId) => {
          const head = await store.head(userId);
          if (head) epochs.set(userId, head.epoch);
          return head && { ...head, epoch: "always" };
        },
        commit: (head) => store.commit({ ...head, epoch: epochs.get(head.userId) ?? head.epoch }),
      };
    },
    heads: (store) => ({
      ...store,
      head: async (userId) => {
        const head = await store.head(userId);
        return head && { ...head, epoch: "always" };
      },
      heads: async (userIds) => (await store.heads(userIds)).map((head) => ({ ...head, epoch: "always" })),
    }),
  },
  renewal: {
    keeps: "A device notices that the table went back within one epoch",
    subscriptions: (store) => ({ ...store, renew: async () => false }),
    heads: (store) => ({ ...store, renew: async () => false }),
  },
  "row-before-head": {
    keeps: "No change falls between a device's resume and its first push",
    connections: (store) => ({
      ...store,
      writeMany: async (writes) => {
        // Stored long after the head was read, without being waited for.
        setTimeout(() => store.writeMany(writes).catch(() => {}), 5_000);
      },
    }),
  },
  "unchanged-when-gone": {
    keeps: "A 410 for a connection that is being established does not take its row away",
    connections: (store, database) => ({
      ...store,
      ofUser: async (userId) => {
        const found = await store.ofUser(userId);
        const device = { id: "established", name: "Established" };
        return { ...found, connections: found.connections.map((row) => ({ device, ...row })) };
      },
      deleteUnchanged: async ({ userId, connectionId }) => {
        const { client, table } = database;
        const Key = { userId, connectionId };
        await client.send(new DeleteCommand({ TableName: table("connection"), Key }));
      },
    }),
  },
  "delivered-again": {
    keeps: "A push that could not be made just now is made later",
    push: (handler) => async (event) => {
      await handler(event);
      return { batchItemFailures: [] };
    },
  },
  "left-out": {
    keeps: "A record that makes no sense holds nobody up",
    push: (handler) => async (event) => {
      const isPoison = (record: DynamoDBRecord) => toStreamRecord(record).sequenceNumber === "";
      if (event.Records.some(isPoison)) throw new Error("Poison");
      return handler(event);
    },
  },
  "compare-and-set": {
    keeps: "Of two devices that take playback over, one wins and the other is told",
    playback: (store, database) => ({
      ...store,
      take: (userId, { state, connectionId }) =>
        write(database, "subscription", {
          userId,
          sk: "playback",
          version: state.version,
          state,
          connectionId,
        }),
    }),
  },
  "slow-consumers": {
    keeps: "A device that does not read is let go",
    node: { slowTimeoutMs: 3_600_000 },
  },
  drain: {
    keeps: "A node that is replaced says goodbye, and tells when to come back",
    restart: "cut",
  },
  sweep: {
    keeps: "What a dead node left behind is deleted",
    node: { sweepMs: 3_600_000 },
  },
  "session-check": {
    keeps: "A session that has ended is cut off although no push told of it",
    node: { turnsPerCheck: 1_000_000 },
  },
} as const satisfies Record<string, Switch>;

export type Defence = keyof typeof defences;

export const switchOf = (off: Defence | undefined): Partial<Switch> => (off ? defences[off] : {});
