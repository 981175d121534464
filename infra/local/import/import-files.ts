import type { Song } from "../../../core/contract/catalogue.ts";
import { maxUploadBytes } from "../../../core/contract/uploads.ts";
import { Refusal, Unreachable } from "./api.ts";
import type { MusicFile } from "./find-files.ts";
import { type FileToUpload, type UploadApi, uploadFile } from "./upload-file.ts";

export type Outcome =
  | { readonly status: "added"; readonly song: Song }
  | { readonly status: "exists" }
  | { readonly status: "failed"; readonly reason: string };

/** Whoever shows how it goes. */
export type ImportReporter = {
  begin(file: MusicFile): void;
  /** Bytes that the store has now; those of a file that failed count in the end too. */
  bytes(count: number): void;
  end(file: MusicFile, outcome: Outcome): void;
};

export type Summary = { readonly added: number; readonly existed: number; readonly failed: number };

export type ImportOptions = Pick<FileToUpload, "tier" | "songId"> & {
  readonly reporter: ImportReporter;
  readonly signal: AbortSignal;
};

/** Refusals that every other file would meet as well. */
const fatal = ["not-signed-in", "session-ended", "not-allowed", "upload-quota"];

/**
 * Brings files in, one after the other; one that cannot be taken is told and passed over.
 * @throws Unreachable, Refusal when none of the rest could come in; the signal's reason when it is aborted
 */
export async function importFiles(
  api: UploadApi,
  files: readonly MusicFile[],
  options: ImportOptions,
): Promise<Summary> {
  const summary = { added: 0, existed: 0, failed: 0 };
  for (const file of files) {
    options.reporter.begin(file);
    const outcome = await importFile(api, file, options);
    if (outcome.status === "added") summary.added += 1;
    else if (outcome.status === "exists") summary.existed += 1;
    else summary.failed += 1;
    options.reporter.end(file, outcome);
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
    refuseSize(file);
    const outcome = await uploadFile(api, { ...file, ...as }, { onBytes, signal });
    return outcome.status === "added" ? outcome : { status: "exists" };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Unreachable || (error instanceof Refusal && fatal.includes(error.kind))) throw error;
    reporter.bytes(file.sizeBytes - counted);
    return { status: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

function refuseSize({ sizeBytes }: MusicFile): void {
  if (sizeBytes === 0) throw new Error("The file is empty");
  if (sizeBytes > maxUploadBytes)
    throw new Error(`The file is larger than ${maxUploadBytes / 2 ** 20} MiB, the most that a song may have`);
}
