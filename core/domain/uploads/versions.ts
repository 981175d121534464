import { createHash } from "node:crypto";
import type { SongAudio, SongRecord, StoredCover } from "../catalogue/ports.ts";
import type { ProcessDeps } from "./deps.ts";
import type { Bytes, InspectedAudio, OpenUpload } from "./ports.ts";

/** What a file says of itself, and where its bytes lie. */
export type UploadedAudio = InspectedAudio & { readonly object: SongAudio };

/** What a song's row has of one version of its audio. */
export type AudioVersion = Pick<SongRecord, "sha256" | "durationSeconds" | "audio"> & {
  readonly preview: SongAudio;
};

/** Stores the preview beside the audio, and answers both as a row names them. */
export async function storeVersion(
  { objects, clock }: ProcessDeps,
  { objectKey, sha256 }: OpenUpload,
  { object, contentType, durationSeconds, preview }: UploadedAudio,
): Promise<AudioVersion> {
  const modifiedAt = clock.now().toISOString();
  return {
    sha256,
    durationSeconds,
    audio: { key: object.key, etag: object.etag, sizeBytes: object.sizeBytes, contentType, modifiedAt },
    // Like the audio, of one version.
    preview: { ...(await store(objects, objectKey.replace(/^audio\//, "previews/"), preview)), modifiedAt },
  };
}

/** Pixels of the longer side: a row of a list, a card, and an album's page, on screens of two to three times density. */
const coverPixels = [160, 320, 640] as const;

/** The cover that a file brings along, under a key that an attempt which broke off has used as well. */
export const storeEmbeddedCover = (
  deps: CoverStores,
  songId: string,
  { bytes }: Bytes,
): Promise<StoredCover | undefined> => storeCover(deps, `${songId}/${hashOf(bytes)}`, bytes);

type CoverStores = Pick<ProcessDeps, "objects" | "covers">;

/**
 * A song's cover has objects of its own, though others may show the same picture, so that they can go when the song goes.
 * @param folder below `covers/`: the song's id, and a name of this cover
 * @returns undefined where the picture cannot be used: a song is worth more than its picture
 */
export async function storeCover(
  { objects, covers }: CoverStores,
  folder: string,
  bytes: Uint8Array,
): Promise<StoredCover | undefined> {
  const hash = hashOf(bytes);
  const pictures = await covers.resize(bytes, coverPixels);
  if (!pictures) return undefined;
  const stored = await Promise.all(
    pictures.map(async (picture, at) => {
      const pixels = coverPixels[at] ?? 0;
      return { ...(await store(objects, `covers/${folder}/${pixels}`, picture)), pixels };
    }),
  );
  const smaller = stored.slice(0, -1);
  const [largest] = stored.slice(-1);
  if (!largest) return undefined;
  const { pixels: _, ...cover } = largest;
  return { ...cover, hash, smaller };
}

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function store(objects: ProcessDeps["objects"], key: string, { bytes, contentType }: Bytes) {
  const { etag } = await objects.put({ key, body: bytes, contentType });
  return { key, etag, sizeBytes: bytes.length, contentType };
}
