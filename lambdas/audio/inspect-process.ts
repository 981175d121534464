import { writeFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import type { InspectedAudio } from "../../core/domain/uploads/ports.ts";
import { Damage } from "./damage.ts";
import { checkStructure } from "./structure.ts";

/**
 * The process that looks into files, one at a time, for as long as its parent lives. Nothing that a file does to a
 * parser reaches further: a thread would take the whole process along when V8 cannot give it the memory that it asks
 * for at once, whatever its `resourceLimits` say.
 */
export type InspectTask = {
  readonly path: string;
  /** Where to put the preview and the cover, which are too large for messages. */
  readonly previewPath: string;
  readonly coverPath: string;
};
/** What was found, without the bytes; or why the file is refused; or what the machine could not do. */
export type InspectAnswer =
  | { readonly found: FoundAudio }
  | { readonly refusal: string }
  | { readonly fault: string };
type FoundAudio = Omit<InspectedAudio, "preview" | "cover"> & {
  readonly previewType: string;
  readonly coverType?: string;
};

/** Heap, buffers and code together (bytes). */
const maxMemoryBytes = 640 * 2 ** 20;

watchMemory();
// A terminal's Ctrl-C reaches this process too; its parent says when it is over.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
process.on("message", async (task: InspectTask) => process.send?.(await answer(task)));

async function answer({ path, previewPath, coverPath }: InspectTask): Promise<InspectAnswer> {
  try {
    checkStructure(path);
    // Not before: a file that lies of its tables is refused while the parsers are still being loaded.
    const { inspectFile } = await import("./inspect-file.ts");
    const { preview, cover, ...found } = await inspectFile(path);
    await writeFile(previewPath, preview.bytes);
    if (cover) await writeFile(coverPath, cover.bytes);
    return {
      found: { ...found, previewType: preview.contentType, ...(cover && { coverType: cover.contentType }) },
    };
  } catch (error) {
    return explain(error);
  }
}

/** Whatever a parser stumbles over is the file's fault; what the machine could not do is not. */
function explain(error: unknown): InspectAnswer {
  if (error instanceof Damage) return { refusal: error.message };
  if ((error as NodeJS.ErrnoException).syscall !== undefined) return { fault: String(error) };
  return { refusal: "The file is damaged: it cannot be read as the audio that it says it is" };
}

/** Buffers are no part of V8's heap, which `--max-old-space-size` limits: a thread looks at the whole of it. */
function watchMemory(): void {
  const code = `setInterval(() => {
    if (process.memoryUsage.rss() > ${maxMemoryBytes}) process.kill(process.pid, "SIGKILL");
  }, 50)`;
  new Worker(code, { eval: true }).unref();
}
