import { ServerResponse } from "node:http";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { FastifyInstance } from "fastify";
import type { Database } from "../../../core/aws/clients.ts";
import { slotsToRow } from "../../../core/domain/entitlement/slots-row.ts";
import type { ObjectReader } from "../../../core/domain/shared/object-store.ts";
import type { RetryPolicy } from "../../../server/delivery/fill.ts";
import type { HeldSlotsDeps } from "../../../server/entitlement/held-slots.ts";
import type { StreamGrantsDeps } from "../../../server/entitlement/stream-grants.ts";

/** What becomes of a node's audio without one of its defences: each hook takes it away where it stands. */
export type AudioSwitch = {
  /** What the defence is for. */
  readonly keeps: string;
  readonly source?: (source: ObjectReader, etagOf: (key: string) => Promise<string>) => ObjectReader;
  readonly policy?: Partial<RetryPolicy>;
  readonly slots?: (deps: HeldSlotsDeps, database: Database) => HeldSlotsDeps;
  readonly grants?: (deps: StreamGrantsDeps) => StreamGrantsDeps;
  readonly app?: (app: FastifyInstance) => void;
  /** A node that is asked to end does so at once. */
  readonly restart?: "cut";
};

const never = new AbortController().signal;
const deaf = () => () => {};

export const audioDefences = {
  "one-version": {
    keeps: "A body is one version of a song, or breaks: never a mixture of two",
    source: (source, etagOf) => ({
      read: async (request) => source.read({ ...request, etag: await etagOf(request.key) }),
    }),
  },
  "read-retry": {
    keeps: "A song is heard whole although answers of S3 fail or break at any byte",
    policy: { maxAttempts: 1 },
  },
  "read-timeout": {
    keeps: "A song is heard whole although S3 falls silent before or in an answer",
    policy: { timeoutMs: 3_600_000 },
  },
  "read-cancellation": {
    keeps: "Who leaves takes their connections to S3 with them, also before the headers",
    source: (source) => ({ read: (request) => source.read({ ...request, signal: never }) }),
  },
  backpressure: {
    keeps: "Who does not read makes the node read no further either",
    app: () => {
      Object.defineProperty(ServerResponse.prototype, "writableLength", { get: () => 0 });
    },
  },
  "slot-condition": {
    keeps: "As many devices play as the plan has, and no more, when they start at once on all nodes",
    slots: (deps, { client, table }) => ({
      ...deps,
      slots: {
        ...deps.slots,
        write: async (userId, slots) => {
          await client.send(
            new PutCommand({ TableName: table("connection"), Item: slotsToRow(userId, slots) }),
          );
          return true;
        },
      },
    }),
  },
  lease: {
    keeps: "A slot that a killed node held is free when its lease has lapsed",
    slots: (deps) => ({ ...deps, aliveEndpoints: async () => everything }),
  },
  "slot-released": {
    keeps: "A node that is replaced releases its slots, and what it sent is taken up elsewhere",
    restart: "cut",
  },
  "account-push": {
    keeps: "A downgrade, a logout and a kick end what flows within a second, on whichever node",
    slots: (deps) => ({ ...deps, onAccountEvent: deaf }),
  },
  "song-push": {
    keeps: "What flows of a song that is removed, or is for other plans now, ends within a second",
    grants: (deps) => ({ ...deps, onSongEvent: deaf }),
  },
  "entitlement-recheck": {
    keeps: "What flows ends although the push that should have ended it was lost",
    slots: (deps) => ({ ...deps, recheckMs: 3_600_000 }),
  },
  "if-range": {
    keeps: "Who resumes a song that was replaced gets the new one whole, not the end of it",
    app: (app) => {
      app.addHook("onRequest", async ({ headers }) => {
        delete headers["if-range"];
      });
    },
  },
} as const satisfies Record<string, AudioSwitch>;

/** Has every name there is. */
const everything: ReadonlySet<string> = new (class extends Set<string> {
  override has(): boolean {
    return true;
  }
})();

export type AudioDefence = keyof typeof audioDefences;
export const audioSwitchOf = (off: AudioDefence | undefined): Partial<AudioSwitch> =>
  off ? audioDefences[off] : {};
