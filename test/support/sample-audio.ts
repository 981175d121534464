import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  Input,
  type MetadataTags,
  Mp4OutputFormat,
  Output,
} from "mediabunny";
import { formats } from "../../tools/demo-library/encode/encode.ts";
import { SAMPLE_RATE, type Stereo } from "../../tools/demo-library/synth/audio.ts";

export type SampleFormat = "mp3" | "flac" | "ogg" | "m4a" | "wav";
export type SampleAudio = {
  readonly format?: SampleFormat;
  readonly seconds?: number;
  /** Hertz; another tone makes other bytes. */
  readonly tone?: number;
  readonly tags?: MetadataTags;
};

/** A short tone as a real file. WAV carries no tags; M4A has its index (moov) at the end. */
export async function sampleAudio({
  format = "mp3",
  seconds = 1,
  tone = 440,
  tags = {},
}: SampleAudio = {}): Promise<Buffer> {
  const sound = sine(tone, seconds);
  if (format === "wav") return wav(sound);
  if (format === "m4a") return m4a(await formats.mp3.encode(sound, {}), tags);
  return Buffer.from(await formats[format].encode(sound, tags));
}

function sine(tone: number, seconds: number): Stereo {
  const samples = Float32Array.from(
    { length: Math.round(seconds * SAMPLE_RATE) },
    (_, at) => 0.3 * Math.sin((2 * Math.PI * tone * at) / SAMPLE_RATE),
  );
  return { left: samples, right: samples };
}

/** 16 bit PCM in the smallest RIFF file there is. */
function wav({ left, right }: Stereo): Buffer {
  const header = Buffer.alloc(44);
  const dataBytes = left.length * 4;
  header.write("RIFF");
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * 4, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(dataBytes, 40);
  const data = Buffer.alloc(dataBytes);
  for (let at = 0; at < left.length; at++) {
    data.writeInt16LE(Math.round((left[at] ?? 0) * 32_767), at * 4);
    data.writeInt16LE(Math.round((right[at] ?? 0) * 32_767), at * 4 + 2);
  }
  return Buffer.concat([header, data]);
}

async function m4a(mp3: Uint8Array, tags: MetadataTags): Promise<Buffer> {
  const input = new Input({ source: new BufferSource(new Uint8Array(mp3)), formats: ALL_FORMATS });
  const track = await input.getPrimaryAudioTrack();
  const decoderConfig = await track?.getDecoderConfig();
  if (!track || !decoderConfig) throw new Error("no audio");
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: false }), target });
  const source = new EncodedAudioPacketSource("mp3");
  output.addAudioTrack(source);
  output.setMetadataTags(tags);
  await output.start();
  for await (const packet of new EncodedPacketSink(track).packets())
    await source.add(packet, { decoderConfig });
  await output.finalize();
  return Buffer.from(target.buffer ?? new ArrayBuffer());
}
