import { contentTypes } from "../containers.ts";
import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";
import type { AudioLayout } from "../layout.ts";
import { maxPreviewBytes, previewSeconds } from "../preview.ts";
import { riffTagFile, type TagChunk } from "../tags/riff-tag-file.ts";
import { trailingTags } from "../tags/tag-ranges.ts";
import { type Chunk, type RiffKind, waveChunks } from "./wave-chunks.ts";
import { readWaveFormat, type WaveFormat } from "./wave-codec.ts";

/** Larger than any tag with a picture (bytes). */
const maxTagBytes = 48 * 2 ** 20;

/** Reads the chunks of a WAV file of any kind. @throws Damage */
export function readWave(file: FileReader, kind: RiffKind): AudioLayout {
  const { end } = trailingTags(file);
  const chunks = [...waveChunks(file, end, kind)];
  const [fmt, data] = ["fmt ", "data"].map((name) => chunks.find((chunk) => chunk.name === name));
  if (!fmt || !data) throw new Damage("The file is cut off: it ends before its audio");
  if (data.start < fmt.start)
    throw new Damage("Not all browsers play it: its audio comes before what says how it is to be played");
  const format = readWaveFormat(file, fmt, kind);
  const bytes = Math.min(
    data.sizeBytes,
    (Number.isFinite(data.sizeBytes) ? file.sizeBytes : end) - data.start,
  );
  const secondsOf = (size: number): number => Math.floor(size / format.blockBytes) / format.sampleRate;
  return {
    container: "WAVE",
    durationSeconds: secondsOf(bytes),
    ...(Number.isFinite(data.sizeBytes) && { declaredSeconds: secondsOf(data.sizeBytes) }),
    tagFile: riffTagFile(tagChunks(file, chunks, kind)),
    preview: () => ({
      bytes: previewOf(file, { fmt, format, data, bytes, kind }),
      contentType: contentTypes.WAVE,
    }),
  };
}

/** INFO of RIFX would have its sizes the other way round. */
const tagChunks = (file: FileReader, chunks: readonly Chunk[], { isBigEndian }: RiffKind): TagChunk[] =>
  chunks
    .filter(({ name, sizeBytes }) => isTag(name) && sizeBytes <= maxTagBytes)
    .map(({ name, start, sizeBytes }) => ({ name, data: Buffer.from(file.read(start, sizeBytes)) }))
    .filter(
      ({ name, data }) => name !== "LIST" || (!isBigEndian && data.toString("latin1", 0, 4) === "INFO"),
    );

const isTag = (name: string): boolean => name === "LIST" || name.toLowerCase() === "id3 ";

type WaveAudio = {
  readonly fmt: Chunk;
  readonly format: WaveFormat;
  readonly data: Chunk;
  readonly bytes: number;
  readonly kind: RiffKind;
};

function previewOf(file: FileReader, { fmt, format, data, bytes, kind }: WaveAudio): Buffer {
  const { blockBytes, sampleRate } = format;
  const most = Math.min(bytes, previewSeconds * sampleRate * blockBytes, maxPreviewBytes);
  const audio = file.read(data.start, Math.floor(most / blockBytes) * blockBytes);
  if (audio.length === 0) return audio;
  const formatBytes = file.read(fmt.start, Math.min(fmt.sizeBytes, 40));
  const body = Buffer.concat([
    Buffer.from("WAVE"),
    ...[header("fmt ", formatBytes.length, kind), formatBytes],
    ...[header("data", audio.length, kind), audio],
  ]);
  return Buffer.concat([header(kind.isBigEndian ? "RIFX" : "RIFF", body.length, kind), body]);
}

function header(name: string, sizeBytes: number, { isBigEndian }: RiffKind): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.write(name, "latin1");
  if (isBigEndian) bytes.writeUInt32BE(sizeBytes, 4);
  else bytes.writeUInt32LE(sizeBytes, 4);
  return bytes;
}
