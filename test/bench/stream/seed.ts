import { createHash, randomBytes } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { ulid } from "ulid";
import { batchWrite } from "../../../core/aws/batch-write.ts";
import type { Database } from "../../../core/aws/clients.ts";
import { createObjectSigner } from "../../../core/aws/object-signer.ts";
import { createObjectStore } from "../../../core/aws/object-store.ts";
import { createSongStore } from "../../../core/aws/song-store.ts";
import type { Account, SessionRecord } from "../../../core/domain/accounts/ports.ts";
import type { TokenSigner } from "../../../core/domain/accounts/tokens.ts";

export type Song = {
  /** At Encore. */
  readonly path: string;
  /** Straight from the store: a presigned URL. */
  readonly direct: string;
  readonly sizeBytes: number;
};

/** A session, which can show who it is for the ten minutes that follow. */
export type SignedIn = { headers(): { readonly authorization: string } };

export type SeedDeps = {
  readonly database: Database;
  readonly s3: S3Client;
  readonly bucket: string;
  readonly signer: TokenSigner;
};

/** So many devices has each account; its plan lets six play at a time. */
const devicesPerAccount = 2;
const directSeconds = 6 * 3600;

/** Songs and sessions, written as uploads and sign-ins would have left them. */
export function createSeeder({ database, s3, bucket, signer }: SeedDeps) {
  const store = createObjectStore({ client: s3, bucket });
  const songs = createSongStore(database);
  const { sign } = createObjectSigner(s3, bucket, directSeconds);

  async function addSong(sizeBytes: number): Promise<Song> {
    const songId = ulid();
    const key = `audio/${songId}`;
    // Nobody listens to what it sounds like.
    const body = randomBytes(sizeBytes);
    await store.put({ key, body, contentType: "audio/mpeg" });
    const audio = await store.head(key);
    if (!audio) throw new Error("The store has lost a song");
    const names = { title: `Song ${songId}`, artist: "Bench", album: "Bench", albumArtist: "Bench" };
    await songs.put({
      songId,
      ...names,
      durationSeconds: sizeBytes / 40_000,
      tier: "premium",
      addedAt: audio.modifiedAt,
      sha256: createHash("sha256").update(body).digest("hex"),
      audio,
      version: 1,
    });
    return { path: `/stream/${songId}`, direct: await sign(key, "GET"), sizeBytes };
  }

  return {
    async addSongs(count: number, sizeBytes: number): Promise<readonly Song[]> {
      const added: Song[] = [];
      while (added.length < count) added.push(await addSong(sizeBytes));
      return added;
    },
    async signIn(count: number): Promise<readonly SignedIn[]> {
      const accounts = Array.from({ length: Math.ceil(count / devicesPerAccount) }, newAccount);
      // All first devices, then all second ones: nobody starts two at the same moment.
      const sessions = Array.from({ length: count }, (_, at) =>
        sessionOf(accounts[at % accounts.length] as Account),
      );
      await batchWrite(database, "login", accounts.map(asPut));
      await batchWrite(database, "session", sessions.map(asPut));
      return sessions.map((session) => ({
        headers: () => ({ authorization: `Bearer ${signer.sign(session)}` }),
      }));
    },
  };
}

const asPut = (Item: object) => ({ PutRequest: { Item: { ...Item } } });

function newAccount(): Account {
  const userId = ulid();
  return {
    userId,
    email: `${userId.toLowerCase()}@example.com`,
    userName: "Bench",
    passwordHash: "none",
    role: "listener",
    plan: "hifi",
    createdAt: new Date().toISOString(),
  };
}

function sessionOf({ userId, email, createdAt }: Account): SessionRecord {
  const sessionId = ulid();
  const inADay = Math.floor(Date.now() / 1000) + 86_400;
  return {
    sessionId,
    userId,
    email,
    deviceName: "Bench",
    passwordVersion: 0,
    refreshHash: sessionId,
    createdAt,
    lastUsedAt: createdAt,
    endsAt: inADay,
    ttl: inADay,
  };
}
