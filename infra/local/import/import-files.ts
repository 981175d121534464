import type { Song } from "../../../core/contract/catalogue.ts";
import { whyUnreadable } from "./file-errors.ts";
import { printable } from "./file-names.ts";
import type { MusicFile } from "./find-files.ts";
import { Refusal, Unavailable, Unreachable } from "./request.ts";
import { type FileToUpload, type UploadApi, uploadFile } from "./upload-file.ts";

export type Outcome =
  | { readonly status: "added"; readonly song: Song }
  | { readonly status: "exists" }
  | { readonly status: "failed"; readonly reason: string; readonly unavailable?: boolean };

/** Whoever shows how it goes. */
export type ImportReporter = {
  begin(file: MusicFile): void;
  /** Bytes that the store has now; those of a file that failed count in the end too. */
  bytes(count: number): void;
  /** The file has been sent and is still looked into; told now and then. */
  processing(file: MusicFile): void;
  end(file: MusicFile, outcome: Outcome): void;
};

export type Summary = {
  readonly added: number;
  readonly existed: number;
  readonly failed: number;
  /** Files that it did not come to, or not to the end of; then `stopped` says why. */
  readonly left: number;
  readonly stopped?: Error;
};

export type ImportOptions = Pick<FileToUpload, "tier" | "songId"> & {
  readonly reporter: ImportReporter;
  readonly signal: AbortSignal;
};

/** Refusals that every other file would meet as well. */
const fatal = ["not-signed-in", "session-ended", "not-allowed", "upload-quota"];

/** So many files in a row that Encore could not take just now: the rest would fare no better. */
const maxUnavailable = 3;

/**
 * Brings files in, one after the other; one that cannot be taken is told and passed over. It stops where none of the rest
 * could come in (Unreachable, Unavailable, Refusal) or the signal is aborted, and says what had become of which by then.
 */
export async function importFiles(
  api: UploadApi,
  files: readonly MusicFile[],
  options: ImportOptions,
): Promise<Summary> {
  const counts = { added: 0, exists: 0, failed: 0 };
  const summary = (stopped?: Error): Summary => {
    const { added, exists: existed, failed } = counts;
    const left = files.length - added - existed - failed;
    return { added, existed, failed, left, ...(stopped && { stopped }) };
  };
  let unavailable = 0;
  try {
    for (const file of files) {
      const outcome = await importFile(api, file, options);
      counts[outcome.status] += 1;
      options.reporter.end(file, outcome);
      unavailable = outcome.status === "failed" && outcome.unavailable ? unavailable + 1 : 0;
      if (unavailable === maxUnavailable)
        return summary(new Unavailable(outcome.status === "failed" ? outcome.reason : ""));
    }
    return summary();
  } catch (error) {
    return summary(error as Error);
  }
}

/** @throws what the rest would meet as well */
async function importFile(
  api: UploadApi,
  file: MusicFile,
  { reporter, signal, ...as }: ImportOptions,
): Promise<Outcome> {
  signal.throwIfAborted();
  reporter.begin(file);
  if (file.problem !== undefined) return { status: "failed", reason: file.problem };
  let counted = 0;
  const onBytes = (count: number) => {
    counted += count;
    reporter.bytes(count);
  };
  try {
    const onProcessing = () => reporter.processing(file);
    const outcome = await uploadFile(api, { ...file, ...as }, { onBytes, onProcessing, signal });
    return outcome.status === "added" ? outcome : { status: "exists" };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Unreachable || (error instanceof Refusal && fatal.includes(error.kind))) throw error;
    reporter.bytes(file.sizeBytes - counted);
    const reason = printable(isOfFileSystem(error) ? whyUnreadable(error) : (error as Error).message);
    return { status: "failed", reason, ...(error instanceof Unavailable && { unavailable: true }) };
  }
}

const isOfFileSystem = (error: unknown): boolean =>
  typeof (error as NodeJS.ErrnoException).errno === "number";
