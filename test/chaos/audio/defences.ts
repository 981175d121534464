import { ServerResponse } from "node:http";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { FastifyInstance } from "fastify";
import type { Database } from "../../../core/aws/clients.ts";
import { placesSortKey } from "../../../core/domain/live/push/push-event.ts";
import type { ObjectReader } from "../../../core/domain/streaming/ports.ts";
import type { FillPolicy } from "../../../server/audio/fill.ts";
import type { AdmissionDeps } from "../../../server/streaming/admissions.ts";
import type { SeatDeps } from "../../../server/streaming/seats.ts";

/** What becomes of a node's audio without one of its defences: each hook takes it away where it stands. */
export type AudioSwitch = {
  /** What the defence is for. */
  readonly keeps: string;
  readonly source?: (source: ObjectReader, etagOf: (key: string) => Promise<string>) => ObjectReader;
  readonly policy?: Partial<FillPolicy>;
  readonly seats?: (deps: SeatDeps, database: Database) => SeatDeps;
  readonly admissions?: (deps: AdmissionDeps) => AdmissionDeps;
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
  "going-on": {
    keeps: "A song is heard whole although answers of S3 fail or break at any byte",
    policy: { tries: 1 },
  },
  "stall-limit": {
    keeps: "A song is heard whole although S3 falls silent before or in an answer",
    policy: { stallMilliseconds: 3_600_000 },
  },
  "letting-go": {
    keeps: "Who leaves takes their connections to S3 with them, also before the headers",
    source: (source) => ({ read: (request) => source.read({ ...request, signal: never }) }),
  },
  backpressure: {
    keeps: "Who does not read makes the node read no further either",
    app: () => {
      Object.defineProperty(ServerResponse.prototype, "writableLength", { get: () => 0 });
    },
  },
  "place-condition": {
    keeps: "As many devices play as the plan has, and no more, when they start at once on all nodes",
    seats: (deps, { client, table }) => ({
      ...deps,
      places: {
        ...deps.places,
        write: async (userId, { version, bySession, displaced: marks }) => {
          const places = Object.fromEntries(bySession);
          const displaced = Object.fromEntries(marks);
          const Item = { userId, connectionId: placesSortKey, version, places, displaced };
          await client.send(new PutCommand({ TableName: table("connection"), Item }));
          return true;
        },
      },
    }),
  },
  lease: {
    keeps: "A place that a killed node held is free when its lease has lapsed",
    seats: (deps) => ({ ...deps, aliveEndpoints: async () => everything }),
  },
  "place-given-back": {
    keeps: "A node that is replaced gives its places back, and what it sent is taken up elsewhere",
    restart: "cut",
  },
  "account-push": {
    keeps: "A downgrade, a logout and a kick end what flows within a second, on whichever node",
    seats: (deps) => ({ ...deps, onAccountEvent: deaf }),
  },
  "song-push": {
    keeps: "What flows of a song that is removed, or is for other plans now, ends within a second",
    admissions: (deps) => ({ ...deps, onSongEvent: deaf }),
  },
  "reading-again": {
    keeps: "What flows ends although the push that should have ended it was lost",
    seats: (deps) => ({ ...deps, recheckMs: 3_600_000 }),
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
