import type { FileFault } from "./files.ts";

/** Why the tables cannot be used; its message is one line that says what to do. */
export class TablesError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TablesError";
  }
}

const repairAdvice = "run npm run check -- --repair, or restore a backup";

/** Tables with files that are not what was written. */
export class DamagedTablesError extends TablesError {
  readonly faults: readonly FileFault[];
  constructor(faults: readonly FileFault[]) {
    const [first] = faults;
    const more = faults.length > 1 ? `, and ${faults.length - 1} more` : "";
    super(`The tables are damaged: ${first?.file} (${first?.problem})${more}; ${repairAdvice}`);
    this.faults = faults;
  }
}

/** What a request is answered while the disk refuses (DynamoDB developer guide, "Error handling"): it may be tried again. */
export class StorageUnavailable extends Error {
  readonly statusCode = 503;
  readonly body: { readonly __type: string; readonly message: string };
  constructor(reason: string) {
    super(`The tables cannot be written just now: ${reason}`);
    this.name = "ServiceUnavailable";
    this.body = { __type: "com.amazonaws.dynamodb.v20120810#ServiceUnavailable", message: this.message };
  }
}

/** What went wrong, of an error of LevelDB or of the file system, and what helps. */
export function reasonOf(error: unknown): string {
  if (error instanceof TablesError) return error.message;
  const text = deepestMessage(error)
    .replace(/^(IO error|Corruption): /, "")
    // The name of a file is enough, also for those who may not know where it is.
    .replace(/(?:\/[^/:\s]+)+\/(?=[^/\s])/g, "");
  const remedy = remedies.find(([pattern]) => pattern.test(text))?.[1] ?? "check the disk";
  return `${text}; ${remedy}`;
}

const remedies: readonly (readonly [RegExp, string])[] = [
  [/no space left|ENOSPC|quota exceeded|EDQUOT/i, "free some space"],
  [/file too large|EFBIG/i, "raise the limit of file sizes (ulimit -f)"],
  [/read-only file system|EROFS/i, "mount the disk for writing again"],
  [/permission denied|EACCES|EPERM/i, "let this user write there"],
  [/too many open files|EMFILE|ENFILE/i, "raise the limit of open files (ulimit -n)"],
  [/LOCK/, "stop the other process that uses the folder"],
  [/checksum|corrupt|missing files/i, repairAdvice],
];

/** abstract-level wraps an error of LevelDB in one that only says that opening failed. */
function deepestMessage(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return deepest instanceof Error ? deepest.message : String(deepest);
}
