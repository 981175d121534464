import type { InspectedAudio } from "../../core/domain/uploads/ports.ts";
import { contentTypes } from "./containers.ts";
import { Damage } from "./damage.ts";
import { FileReader } from "./file-reader.ts";
import { layoutOf } from "./formats/layout-of.ts";
import { readTags } from "./tags/read-tags.ts";

/**
 * Looks into one file: its audio is walked frame by frame, music-metadata reads what the tags say. Runs in a process of
 * its own (see `inspect-process.ts`), since either may stumble over what a file says of itself.
 * @throws Damage with what is wrong with the file
 */
export async function inspectFile(path: string): Promise<InspectedAudio> {
  using file = new FileReader(path);
  const layout = await layoutOf(file);
  const { durationSeconds, declaredSeconds } = layout;
  refuseCutFile(declaredSeconds, durationSeconds);
  const contentType = contentTypes[layout.container];
  const preview = await layout.preview();
  if (preview.bytes.length === 0 || durationSeconds < 0.001) throw new Damage("The file holds no audio");
  return {
    contentType,
    durationSeconds: Math.round(durationSeconds * 1000) / 1000,
    ...(await readTags(path, layout.tagFile)),
    preview,
  };
}

/** A file that ends well before its header says was cut on its way; nothing but a header says so. */
function refuseCutFile(declared: number | undefined, found: number): void {
  if (declared === undefined || declared - found < Math.max(1, declared * 0.02)) return;
  throw new Damage(
    `The file is cut off: it announces ${declared.toFixed(1)} s and holds ${found.toFixed(1)} s`,
  );
}
