import type { Static } from "typebox";
import * as Type from "typebox";
import { Song, Tier } from "./catalogue.ts";
import { Id, idForm, Strict, Timestamp } from "./common.ts";
import { Problem } from "./problem.ts";
import { Text } from "./text.ts";

/** 512 MiB: an hour of CD-quality WAV, and enough for any single song. */
export const maxUploadBytes = 512 * 1024 * 1024;
/** Parts of 8 MiB; S3 allows 5 MiB to 5 GiB (S3 User Guide, "Multipart upload limits"). */
export const uploadPartBytes = 8 * 1024 * 1024;

/** In code points. */
export const maxFileNameLength = 255;

export const UploadInput = Strict(
  {
    fileName: Text(maxFileNameLength, { description: "Names the song where the file has no title" }),
    sizeBytes: Type.Integer({ minimum: 1, maximum: maxUploadBytes }),
    contentType: Type.String({ maxLength: 100, pattern: "^[\\w.+-]+/[\\w.+-]+$" }),
    sha256: Type.String({ pattern: "^[0-9a-f]{64}$", description: "Of the whole file, in lower-case hex" }),
    tier: Type.Optional(Tier),
    songId: Type.Optional(
      Type.String({
        ...idForm,
        description:
          "The song whose audio these bytes replace, as a new version of it; a new song where it is absent",
      }),
    ),
  },
  // A song keeps its tier when its audio is replaced.
  { not: { properties: { songId: {}, tier: {} }, required: ["songId", "tier"] } },
);
export type UploadInput = Static<typeof UploadInput>;

/** `PUT` each missing part's bytes to its URL; then complete. The same call again resumes. */
export const Upload = Strict({
  uploadId: Id,
  partSizeBytes: Type.Integer(),
  parts: Type.Array(
    Strict({
      partNumber: Type.Integer({ minimum: 1 }),
      url: Type.String(),
      uploaded: Type.Boolean({ description: "Whether the store has this part already" }),
    }),
  ),
  expiresAt: Timestamp,
  songId: Type.Optional(Id),
});
export type Upload = Static<typeof Upload>;

/** `"exists"`: these very bytes are a song already; nothing is to be sent. */
export const UploadStarted = Type.Union([
  Strict({ status: Type.Literal("open"), upload: Upload }),
  Strict({ status: Type.Literal("exists"), songId: Id }),
]);
export type UploadStarted = Static<typeof UploadStarted>;

/**
 * How far an upload is. `open` takes parts; `processing` is being made a song; `done` and `failed` are kept for a day, so
 * that whoever missed the answer can ask for it.
 */
export const UploadStatus = Strict({
  uploadId: Id,
  state: Type.Union([
    Type.Literal("open"),
    Type.Literal("processing"),
    Type.Literal("done"),
    Type.Literal("failed"),
  ]),
  song: Type.Optional(Song),
  problem: Type.Optional(Problem),
});
export type UploadStatus = Static<typeof UploadStatus>;
