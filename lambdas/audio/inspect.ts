import { readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { DomainError } from "../../core/domain/errors.ts";
import type { AudioInspector, InspectedAudio } from "../../core/domain/uploads/ports.ts";
import type { InspectAnswer, InspectTask } from "./inspect-process.ts";
import { createTaskPool } from "./task-pool.ts";
import { createTaskProcess, type TaskProcess, type TaskProcessOptions } from "./task-process.ts";
import { type TemporaryFile, withTemporaryFile } from "./temporary-file.ts";

/** A machine has no more cores to spare, and a file may lie in memory in part. */
const processes = 2;
/** Files that wait for one of them; each lies in the temporary folder meanwhile. */
const queue = 8;

/**
 * Looks into uploaded files, in processes of their own: what a file does to a parser reaches nobody else. `close` ends
 * them; what they were looking into fails as `unavailable`.
 */
export function createAudioInspector(): AudioInspector & { close(): Promise<void> } {
  const pool = createTaskPool(
    Array.from({ length: processes }, () => createTaskProcess<InspectTask, InspectAnswer>(options)),
    queue,
  );
  return {
    inspect: (body, expected) =>
      withTemporaryFile(body, async (file) => {
        if (file.sizeBytes === expected.sizeBytes && file.sha256 === expected.sha256)
          return inspect(pool, file);
        throw new DomainError(
          "bad-audio",
          "The bytes that came are not those that were announced; send them again",
        );
      }),
    close: pool.close,
  };
}

const options: TaskProcessOptions = {
  // Beside this file, as source and in a bundle.
  file: new URL(`./inspect-process${extname(import.meta.url)}`, import.meta.url),
  heapMiB: 384,
  // Six hours of MP3 take 10 s on one slow core.
  deadlineMs: 120_000,
  idleMs: 60_000,
};

async function inspect(
  pool: TaskProcess<InspectTask, InspectAnswer>,
  { path }: TemporaryFile,
): Promise<InspectedAudio> {
  const beside = (name: string): string => join(dirname(path), name);
  const task = { path, previewPath: beside("preview"), coverPath: beside("cover") };
  const answer = await pool.run(task);
  if ("refusal" in answer) throw new DomainError("bad-audio", answer.refusal);
  if ("fault" in answer) throw new Error(`A file could not be looked into: ${answer.fault}`);
  const { previewType, coverType, ...found } = answer.found;
  return {
    ...found,
    preview: { bytes: await readFile(task.previewPath), contentType: previewType },
    ...(coverType !== undefined && {
      cover: { bytes: await readFile(task.coverPath), contentType: coverType },
    }),
  };
}
