import { readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { DomainError } from "../../core/domain/errors.ts";
import type { AudioInspector, InspectedAudio } from "../../core/domain/uploads/ports.ts";
import type { InspectAnswer, InspectTask } from "./inspect-process.ts";
import { createTaskPool } from "./task-pool.ts";
import { createTaskProcess } from "./task-process.ts";
import { type TemporaryFile, withTemporaryFile } from "./temporary-file.ts";

/** Beside this file, as source and in a bundle. */
const file = new URL(`./inspect-process${extname(import.meta.url)}`, import.meta.url);

/** A machine has no more cores to spare, and a file may lie in memory in part. */
const processes = 2;
/** Files that wait for one of them; each lies in the temporary folder meanwhile. */
const queue = 8;

const pool = createTaskPool(
  Array.from({ length: processes }, () =>
    createTaskProcess<InspectTask, InspectAnswer>({
      file,
      heapMiB: 384,
      // Six hours of MP3 take 10 s on one slow core.
      deadlineMs: 120_000,
      idleMs: 60_000,
    }),
  ),
  queue,
);

/** Looks into uploaded files, in processes of their own: what a file does to a parser reaches nobody else. */
export const audioInspector: AudioInspector = {
  async inspect(body, expected) {
    return withTemporaryFile(body, async (file) => {
      if (file.sizeBytes !== expected.sizeBytes || file.sha256 !== expected.sha256)
        throw new DomainError(
          "bad-audio",
          "The bytes that came are not those that were announced; send them again",
        );
      return inspect(file);
    });
  },
};

async function inspect({ path }: TemporaryFile): Promise<InspectedAudio> {
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
