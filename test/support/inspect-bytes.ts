import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InspectedAudio } from "../../core/domain/uploads/ports.ts";
import { inspectFile } from "../../lambdas/audio/inspect-file.ts";
import { checkStructure } from "../../lambdas/audio/structure.ts";

/** Looks into a file as an upload of it would, in this process. @throws Damage */
export async function inspectBytes(bytes: Uint8Array): Promise<InspectedAudio> {
  const folder = await mkdtemp(join(tmpdir(), "encore-inspect-"));
  try {
    const path = join(folder, "audio");
    await writeFile(path, bytes);
    checkStructure(path);
    return await inspectFile(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
