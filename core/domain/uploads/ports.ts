import type { Song, Tier } from "../../contract/catalogue.ts";
import type { Problem } from "../../contract/problem.ts";
import type { UploadStatus } from "../../contract/uploads.ts";
import type { AudioTags } from "./tags.ts";

/** An upload: one row of `upload` until it is given up, or a day after its start or its end. */
export type OpenUpload = {
  readonly uploadId: string;
  readonly userId: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly tier: Tier;
  /** The song that it becomes; fixed from the start, so that completing twice makes one song. */
  readonly songId: string;
  /** Whether the song is there, and gets these bytes for its own. */
  readonly isReplacement?: boolean;
  /** Never given to other bytes. */
  readonly objectKey: string;
  /** S3's own id of the multipart upload. */
  readonly multipartId: string;
  readonly expiresAt: string;
  readonly state: UploadStatus["state"];
  /** Another one with each write: of two who change the same, one wins. */
  readonly etag: string;
  /** How often processing was begun. */
  readonly attempts: number;
  /** Of `done`. */
  readonly song?: Song;
  /** Of `failed`. */
  readonly problem?: Problem;
};

export type UploadStore = {
  /** Consistent; an expired upload is not there. */
  get(uploadId: string): Promise<OpenUpload | undefined>;
  /** Writes a new upload where there is none, or an expired one, or still `before`; answers whether it was so. */
  begin(upload: OpenUpload, before: OpenUpload | undefined): Promise<boolean>;
  /** Writes `after` on condition that the row is still `before`; answers whether it was. */
  replace(before: OpenUpload, after: OpenUpload): Promise<boolean>;
  /** Deletes the row on condition that it is still this one; answers whether it was. */
  delete(upload: OpenUpload): Promise<boolean>;
  /** The claim of these bytes, whether or not its song is there yet. Consistent. */
  claimOf(sha256: string): Promise<Claim | undefined>;
  /**
   * Claims these bytes for a song, on condition that nobody has written the claim since `before` was read; where the song
   * has the claim already, that makes it firm against whoever has read it.
   * @returns the new claim; undefined where somebody was quicker
   */
  claim(sha256: string, songId: string, before: Claim | undefined): Promise<Claim | undefined>;
};

/** That a song has these bytes, or is to have them: of two uploads of the same bytes, one becomes the song. */
export type Claim = {
  readonly songId: string;
  /** Another one with each write; claims of before have none. */
  readonly etag?: string;
};

type PartToSend = {
  readonly key: string;
  readonly multipartId: string;
  readonly partNumber: number;
  readonly sizeBytes: number;
};

export type MultipartStore = {
  begin(key: string, contentType: string): Promise<string>;
  /** Numbers and ETags of the parts that are there; undefined where S3 knows no such upload (any more). */
  parts(key: string, multipartId: string): Promise<ReadonlyMap<number, string> | undefined>;
  /** A URL that takes a `PUT` of as many bytes as the part has, and of no other number. */
  partUrl(part: PartToSend, expiresInSeconds: number): Promise<string>;
  complete(key: string, multipartId: string, parts: ReadonlyMap<number, string>): Promise<void>;
  /** Aborting what is gone already is no error. */
  abort(key: string, multipartId: string): Promise<void>;
};

export type CoverResizer = {
  /**
   * A picture as JPEGs of at most so many pixels a side, in the order asked, upright and with nothing but the picture in
   * them; none is larger than the picture.
   * @returns undefined where it cannot be read, or has more pixels than any cover needs
   */
  resize(picture: Uint8Array, pixels: readonly number[]): Promise<readonly Bytes[] | undefined>;
};

export type ObjectLister = {
  /** All objects whose key begins so, and when each was written (ISO 8601). */
  list(prefix: string): AsyncIterable<{ readonly key: string; readonly modifiedAt: string }>;
};

export type Bytes = { readonly bytes: Uint8Array; readonly contentType: string };

/** What a file says of itself, and what is made of it. */
export type InspectedAudio = AudioTags & {
  readonly contentType: string;
  /** Of the audio that is really there, whatever a header claims. */
  readonly durationSeconds: number;
  readonly cover?: Bytes;
  /** The first 30 s as a file of its own, without re-encoding. */
  readonly preview: Bytes;
};

export type AudioInspector = {
  /** @throws DomainError `bad-audio` with what is wrong with the file */
  inspect(
    body: AsyncIterable<Uint8Array>,
    expected: { sizeBytes: number; sha256: string },
  ): Promise<InspectedAudio>;
};
