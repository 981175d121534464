import { randomBytes } from "node:crypto";
import { ulid } from "ulid";
import { createAccountStore } from "../../../core/aws/account-store.ts";
import { createEndpointStore } from "../../../core/aws/endpoint-store.ts";
import { createSessionStore } from "../../../core/aws/session-store.ts";
import { createSongStore } from "../../../core/aws/song-store.ts";
import { createStreamSlotStore } from "../../../core/aws/stream-slot-store.ts";
import { physicalTableName, type TableName } from "../../../core/aws/tables.ts";
import type { Tier } from "../../../core/contract/catalogue.ts";
import { createTokenSigner, generateTokenKeys } from "../../../core/domain/accounts/tokens.ts";
import type { SongRecord } from "../../../core/domain/catalogue/ports.ts";
import { pushDeps } from "../../../lambdas/deps/push.ts";
import { createPushHandler } from "../../../lambdas/push.ts";
import { environmentOf, startTestAws } from "../../support/engines.ts";
import { startFaultyOrigin } from "../../support/faulty-origin.ts";
import { createListeners } from "../../support/listeners.ts";
import { silent, systemClock } from "../../support/live-node.ts";
import { createRandom } from "../../support/random.ts";
import { databaseOf } from "../../support/subscriptions.ts";
import { startNode } from "../world/node.ts";
import type { AudioDefence } from "./defences.ts";
import type { AudioNodeSettings } from "./node-host.ts";

export type AudioWorld = Awaited<ReturnType<typeof startAudioWorld>>;

const pushed: readonly TableName[] = ["login", "session", "connection", "music"];

/** Two nodes that stream, each a process of its own, an S3 that fails to order, and streams whose pushes can be lost. */
export async function startAudioWorld(off?: AudioDefence) {
  const aws = await startTestAws();
  const origin = await startFaultyOrigin();
  const database = databaseOf(aws);
  const keys = generateTokenKeys();
  const env = {
    ...environmentOf(aws),
    AWS_ENDPOINT_URL_S3: origin.endpoint,
    MUSIC_BUCKET: "origin",
    MANAGEMENT_SECRET: randomBytes(32).toString("hex"),
    TOKEN_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
  };
  const settings: AudioNodeSettings = { env, off };
  const nodes = [0, 1].map(() => startNode(new URL("./node-host.ts", import.meta.url), settings));
  await Promise.all(nodes.map((node) => node.ready()));

  const push = createPushHandler({ ...pushDeps(env), log: silent });
  let isLosing = false;
  const handler: typeof push = async (event) => (isLosing ? { batchItemFailures: [] } : push(event));
  const subscriptions = pushed.map((name) =>
    aws.streams.subscribe(physicalTableName(aws.tablePrefix, name), handler, { consumer: "push" }),
  );

  const songs = createSongStore(database);
  const put = (key: string, content: Buffer) => ({
    audio: {
      key,
      etag: origin.put(key, content),
      sizeBytes: content.length,
      contentType: "audio/flac",
      modifiedAt: new Date().toISOString(),
    },
  });

  return {
    origin,
    nodes,
    songs,
    listeners: createListeners(database, createTokenSigner(keys, systemClock)),
    accounts: createAccountStore(database),
    sessions: createSessionStore(database),
    slots: createStreamSlotStore(database),
    endpoints: createEndpointStore(database),
    /** A song with bytes of its own. */
    async newSong(content: Buffer, tier: Tier = "free"): Promise<SongRecord> {
      const songId = ulid();
      const names = { title: "Song", artist: "Artist", album: "Album", albumArtist: "Artist" };
      const record: SongRecord = {
        songId,
        tier,
        ...names,
        sha256: songId,
        durationSeconds: 200,
        ...put(`audio/${songId}`, content),
        addedAt: new Date().toISOString(),
        version: 1,
      };
      await songs.put(record);
      return record;
    },
    /** Other bytes under the key that a song has, which Encore itself never does. */
    overwrite: ({ audio }: SongRecord, content: Buffer) => origin.put(audio.key, content),
    /** Other audio for a song, as *complete* writes it. */
    async replace(record: SongRecord, content: Buffer): Promise<SongRecord> {
      const next = { ...record, ...put(`audio/${record.songId}/${ulid()}`, content) };
      const replaced = { ...next, version: record.version + 1 };
      await songs.put(replaced);
      return replaced;
    },
    losePushes(): void {
      isLosing = true;
    },
    /** A good S3, and pushes that arrive. */
    heal(): void {
      isLosing = false;
      origin.behave(() => ({ kind: "whole" }));
    },
    async close(): Promise<void> {
      await Promise.all(subscriptions.map(({ stop }) => stop()));
      await Promise.all(nodes.map((node) => node.close()));
      await origin.close();
      await aws.close();
    },
  };
}

const pageBytes = 4096;

/** Bytes that a seed repeats, and of which no two places are alike. */
export function contentFrom(seed: number, size: number): Buffer {
  const random = createRandom(seed);
  const page = Buffer.from(Uint8Array.from({ length: pageBytes }, () => random() * 256));
  const content = Buffer.alloc(size, page);
  for (let at = 0; at + 8 <= size; at += pageBytes) {
    content.writeUInt32LE(seed, at);
    content.writeUInt32LE(at, at + 4);
  }
  return content;
}
