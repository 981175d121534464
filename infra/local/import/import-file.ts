import type { Song, Tier } from "../../../core/contract/catalogue.ts";
import { whyUnreadable } from "./file-errors.ts";
import { printable } from "./file-names.ts";
import type { MusicFile } from "./find-files.ts";
import type { CoverGiver, GivenCover } from "./give-cover.ts";
import { endsImport, Unavailable } from "./request.ts";
import { type UploadApi, type UploadProgress, uploadFile } from "./upload-file.ts";

/** What became of a file; `reason` and `cover` are printable. */
export type ImportOutcome =
  | { readonly status: "added"; readonly song: Song; readonly cover?: GivenCover }
  | { readonly status: "exists"; readonly cover?: GivenCover }
  | { readonly status: "failed"; readonly reason: string; readonly unavailable?: boolean };

export type FileImport = Omit<UploadProgress, "partTimeoutMs"> & {
  readonly api: UploadApi;
  readonly giveCover: CoverGiver;
  readonly as: { readonly tier?: Tier; readonly songId?: string };
  readonly signal: AbortSignal;
};

/** Brings one file in, with its cover. @throws what every other file would meet as well; the signal's reason */
export async function importFile(file: MusicFile, options: FileImport): Promise<ImportOutcome> {
  const { api, giveCover, as, signal } = options;
  signal.throwIfAborted();
  if (file.problem !== undefined) return { status: "failed", reason: file.problem };
  try {
    const outcome = await uploadFile(api, { ...file, ...as }, options);
    const cover = await giveCover(file.path, outcome.status === "added" ? outcome.song : outcome);
    if (cover?.problem !== undefined) signal.throwIfAborted();
    const { status } = outcome;
    return { ...(status === "added" ? { status, song: outcome.song } : { status }), ...(cover && { cover }) };
  } catch (error) {
    signal.throwIfAborted();
    if (endsImport(error)) throw error;
    const reason = printable(isOfFileSystem(error) ? whyUnreadable(error) : (error as Error).message);
    return { status: "failed", reason, ...(error instanceof Unavailable && { unavailable: true }) };
  }
}

const isOfFileSystem = (error: unknown): boolean =>
  typeof (error as NodeJS.ErrnoException).errno === "number";
