import type { Song } from "../../../core/contract/catalogue.ts";
import { maxUploadBytes } from "../../../core/contract/uploads.ts";
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

export type Summary = { readonly added: number; readonly existed: number; readonly failed: number };

export type ImportOptions = Pick<FileToUpload, "tier" | "songId"> & {
  readonly reporter: ImportReporter;
  readonly signal: AbortSignal;
};

/** Refusals that every other file would meet as well. */
const fatal = ["not-signed-in", "session-ended", "not-allowed", "upload-quota"];

/** So many files in a row that Encore could not take just now: the rest would fare no better. */
const maxUnavailable = 3;

/**
 * Brings files in, one after the other; one that cannot be taken is told and passed over.
 * @throws Unreachable, Unavailable, Refusal when none of the rest could come in; the signal's reason when it is aborted
 */
export async function importFiles(
  api: UploadApi,
  files: readonly MusicFile[],
  options: ImportOptions,
): Promise<Summary> {
  const summary = { added: 0, existed: 0, failed: 0 };
  let unavailable = 0;
  for (const file of files) {
    options.reporter.begin(file);
    const outcome = await importFile(api, file, options);
    if (outcome.status === "added") summary.added += 1;
    else if (outcome.status === "exists") summary.existed += 1;
    else summary.failed += 1;
    options.reporter.end(file, outcome);
    unavailable = outcome.status === "failed" && outcome.unavailable ? unavailable + 1 : 0;
    if (unavailable === maxUnavailable)
      throw new Unavailable(outcome.status === "failed" ? outcome.reason : "");
  }
  return summary;
}

async function importFile(
  api: UploadApi,
  file: MusicFile,
  { reporter, signal, ...as }: ImportOptions,
): Promise<Outcome> {
  let counted = 0;
  const onBytes = (count: number) => {
    counted += count;
    reporter.bytes(count);
  };
  try {
    refuseUnusable(file);
    const onProcessing = () => reporter.processing(file);
    const outcome = await uploadFile(api, { ...file, ...as }, { onBytes, onProcessing, signal });
    return outcome.status === "added" ? outcome : { status: "exists" };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Unreachable || (error instanceof Refusal && fatal.includes(error.kind))) throw error;
    reporter.bytes(file.sizeBytes - counted);
    const reason = error instanceof Error ? error.message : String(error);
    return { status: "failed", reason, ...(error instanceof Unavailable && { unavailable: true }) };
  }
}

function refuseUnusable({ sizeBytes, problem }: MusicFile): void {
  if (problem !== undefined) throw new Error(problem);
  if (sizeBytes === 0) throw new Error("The file is empty");
  if (sizeBytes > maxUploadBytes)
    throw new Error(`The file is larger than ${maxUploadBytes / 2 ** 20} MiB, the most that a song may have`);
}
