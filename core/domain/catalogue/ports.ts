import type { Song, Tier } from "../../contract/catalogue.ts";

/** An object in the store, pinned to one version of it by its strong ETag (with the quotes). */
export type StoredAudio = {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly contentType: string;
};

/** One song of `music`: what the contract shows, and where its bytes are. */
export type SongRecord = Omit<Song, "hasPreview" | "coverUrl" | "streamUrl"> & {
  readonly tier: Tier;
  readonly sha256: string;
  readonly audio: StoredAudio;
  readonly preview?: StoredAudio;
  readonly coverHash?: string;
  readonly coverContentType?: string;
  readonly updatedAt: string;
};

export type SongStore = {
  /** Consistent read. */
  get(songId: string): Promise<SongRecord | undefined>;
  /** The songs that are there, in the order asked; consistent. */
  getMany(songIds: readonly string[]): Promise<SongRecord[]>;
};
