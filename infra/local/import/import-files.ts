import type { MusicFile } from "./find-files.ts";
import { type CoverApi, createCoverGiver } from "./give-cover.ts";
import { type FileImport, type ImportOutcome, importFile } from "./import-file.ts";
import { Unavailable } from "./request.ts";
import type { UploadApi } from "./upload-file.ts";

/** Whoever shows how it goes. */
export type ImportReporter = {
  begin(file: MusicFile): void;
  /** Bytes that the store has now; those of a file that failed count in the end too. */
  bytes(count: number): void;
  /** The file has been sent and is still looked into; told now and then. */
  processing(file: MusicFile): void;
  end(file: MusicFile, outcome: ImportOutcome): void;
};

export type Summary = {
  readonly added: number;
  readonly existed: number;
  readonly failed: number;
  /** Files that it did not come to, or not to the end of; then `stopped` says why. */
  readonly left: number;
  readonly stopped?: Error;
};

export type ImportApi = UploadApi & CoverApi;
export type ImportOptions = FileImport["as"] & {
  readonly reporter: ImportReporter;
  readonly signal: AbortSignal;
};

/** So many files in a row that Encore could not take just now: the rest would fare no better. */
const maxUnavailable = 3;

/**
 * Brings files in, one after the other; one that cannot be taken is told and passed over. It stops where none of the rest
 * could come in (Unreachable, Unavailable, Refusal) or the signal is aborted, and says what had become of which by then.
 */
export async function importFiles(
  api: ImportApi,
  files: readonly MusicFile[],
  options: ImportOptions,
): Promise<Summary> {
  const counts = { added: 0, exists: 0, failed: 0 };
  const summary = (stopped?: Error): Summary => {
    const { added, exists: existed, failed } = counts;
    const left = files.length - added - existed - failed;
    return { added, existed, failed, left, ...(stopped && { stopped }) };
  };
  const { reporter, signal, ...as } = options;
  const common = { api, giveCover: createCoverGiver(api), as, signal };
  let unavailable = 0;
  try {
    for (const file of files) {
      const outcome = await importAndReport(file, common, reporter);
      counts[outcome.status] += 1;
      unavailable = outcome.status === "failed" && outcome.unavailable ? unavailable + 1 : 0;
      if (unavailable === maxUnavailable)
        return summary(new Unavailable(outcome.status === "failed" ? outcome.reason : ""));
    }
    return summary();
  } catch (error) {
    return summary(error as Error);
  }
}

async function importAndReport(
  file: MusicFile,
  common: FileImport,
  reporter: ImportReporter,
): Promise<ImportOutcome> {
  let counted = 0;
  const onBytes = (count: number) => {
    counted += count;
    reporter.bytes(count);
  };
  reporter.begin(file);
  const outcome = await importFile(file, {
    ...common,
    onBytes,
    onProcessing: () => reporter.processing(file),
  });
  if (outcome.status === "failed") reporter.bytes(file.sizeBytes - counted);
  reporter.end(file, outcome);
  return outcome;
}
