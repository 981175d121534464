import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";
import { unplayable } from "../unplayable.ts";
import { type Chunk, number, type RiffKind } from "./wave-chunks.ts";

export type WaveFormat = { readonly sampleRate: number; readonly blockBytes: number };

/** Of sample formats with a name of their own, by the tag that Microsoft's mmreg.h gives them. */
const codecs: Readonly<Record<number, string>> = {
  2: "Microsoft ADPCM",
  17: "IMA ADPCM",
  49: "GSM 6.10",
  64: "G.721 ADPCM",
  69: "G.726 ADPCM",
  80: "MPEG audio layer I or II in a WAV file",
  85: "MP3 in a WAV file",
  100: "G.726 ADPCM",
  255: "AAC in a WAV file",
  352: "Windows Media Audio",
  353: "Windows Media Audio",
  354: "Windows Media Audio Professional",
  355: "Windows Media Audio Lossless",
  5632: "AAC in a WAV file",
  8192: "AC-3",
  8193: "DTS",
  22358: "WavPack",
  61868: "FLAC in a WAV file",
};
const [pcm, float, aLaw, muLaw, extensible] = [1, 3, 6, 7, 0xfffe];

/**
 * Reads the chunk `fmt ` (RIFF MCI, 3-2).
 * @throws Damage with the codec's name where it is none that browsers play
 */
export function readWaveFormat(file: FileReader, chunk: Chunk, kind: RiffKind): WaveFormat {
  const bytes = file.read(chunk.start, Math.min(chunk.sizeBytes, 40));
  if (bytes.length < 14) throw new Damage("The file is damaged: it does not say what audio it holds");
  const field = (at: number, size: number): number =>
    at + size <= bytes.length ? number(bytes, at, size, kind) : 0;
  const tag = field(0, 2) === extensible ? field(24, 2) : field(0, 2);
  const bits = field(14, 2) || 8;
  if (!isPlayed(tag, bits)) throw new Damage(unplayable(nameOf(tag, bits)));
  const format = { sampleRate: field(4, 4), blockBytes: field(12, 2) };
  if (format.sampleRate > 0 && format.blockBytes > 0) return format;
  throw new Damage("The file is damaged: it names no sample rate, or no size of a sample");
}

function isPlayed(tag: number, bits: number): boolean {
  if (tag === pcm) return [8, 16, 24, 32].includes(bits);
  return tag === float ? bits === 32 : tag === aLaw || tag === muLaw;
}

function nameOf(tag: number, bits: number): string {
  if (tag === pcm) return `PCM of ${bits} bits`;
  if (tag === float) return `PCM of ${bits}-bit floating point numbers`;
  return codecs[tag] ?? `the WAV codec 0x${tag.toString(16).padStart(4, "0")}`;
}
