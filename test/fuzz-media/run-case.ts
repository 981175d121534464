import { createHash } from "node:crypto";
import { DomainError } from "../../core/domain/errors.ts";
import type { AudioInspector } from "../../core/domain/uploads/ports.ts";
import { coverResizer } from "../../lambdas/images/covers.ts";

export type Outcome = "inspected" | "refused" | "picture" | "no picture";

/**
 * Does with a file what an upload of it would: looks into it, and makes a cover of its picture.
 * @throws whatever is neither a song nor a refusal as `bad-audio`
 */
export async function runCase(
  inspector: AudioInspector,
  { bytes, isPicture }: { readonly bytes: Buffer; readonly isPicture: boolean },
): Promise<Outcome> {
  if (isPicture) return (await coverResizer.resize(bytes, [160])) ? "picture" : "no picture";
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  try {
    const found = await inspector.inspect(once(bytes), { sizeBytes: bytes.length, sha256 });
    if (!(found.durationSeconds > 0) || found.preview.bytes.length === 0)
      throw new Error(
        `A song of ${found.durationSeconds} s with ${found.preview.bytes.length} bytes of preview`,
      );
    if (found.cover) await coverResizer.resize(found.cover.bytes, [160]);
    return "inspected";
  } catch (error) {
    if (error instanceof DomainError && error.kind === "bad-audio") return "refused";
    throw error;
  }
}

async function* once(bytes: Buffer) {
  yield bytes;
}
