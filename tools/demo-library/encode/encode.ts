import { registerFlacEncoder } from "@mediabunny/flac-encoder";
import {
  ALL_FORMATS,
  AudioSample,
  AudioSampleSource,
  BufferSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  FlacOutputFormat,
  Input,
  type MetadataTags,
  Mp3OutputFormat,
  OggOutputFormat,
  Output,
  type OutputFormat,
} from "mediabunny";
import { createMp3Encoder, createOggEncoder } from "wasm-media-encoders";
import { SAMPLE_RATE, type Stereo } from "../synth/audio.ts";
import { setOggSerial } from "./ogg-serial.ts";
import { CHUNK, chunksOf, toInt16 } from "./pcm.ts";

/** A constant rate, so that a position in time is a position in bytes to a player that has read no index. */
const MP3_BITRATE = 160;
const VORBIS_QUALITY = 5;
/** LAME begins and ends with silence of its own, together about this long. */
const MP3_PADDING = 1152;
const OGG_SERIAL = 0x0e_c0_5e;

type Encoder = (sound: Stereo, tags: MetadataTags) => Promise<Uint8Array>;

/** The formats of the library: what encodes them, their ending and their media type. */
export const formats = {
  mp3: { encode: encodeMp3, contentType: "audio/mpeg" },
  flac: { encode: encodeFlac, contentType: "audio/flac" },
  ogg: { encode: encodeOgg, contentType: "audio/ogg" },
} satisfies Record<string, { encode: Encoder; contentType: string }>;

export type Format = keyof typeof formats;

async function encodeMp3(sound: Stereo, tags: MetadataTags): Promise<Uint8Array> {
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate: SAMPLE_RATE, channels: 2, bitrate: MP3_BITRATE });
  // The end of a sound is silent: what the encoder adds is taken off there, and the length stays true.
  const length = sound.left.length - MP3_PADDING;
  const bare = encodeAll(encoder, {
    left: sound.left.subarray(0, length),
    right: sound.right.subarray(0, length),
  });
  return withTags(bare, "mp3", new Mp3OutputFormat({ xingHeader: false }), tags);
}

async function encodeOgg(sound: Stereo, tags: MetadataTags): Promise<Uint8Array> {
  const encoder = await createOggEncoder();
  encoder.configure({
    sampleRate: SAMPLE_RATE,
    channels: 2,
    vbrQuality: VORBIS_QUALITY,
    oggSerialNo: OGG_SERIAL,
  });
  const bytes = await withTags(encodeAll(encoder, sound), "vorbis", new OggOutputFormat(), tags);
  setOggSerial(bytes, OGG_SERIAL);
  return bytes;
}

type WasmEncoder = { encode: (samples: readonly Float32Array[]) => Uint8Array; finalize: () => Uint8Array };

function encodeAll(encoder: WasmEncoder, sound: Stereo): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  // What the encoder returns is its own memory until the next call.
  for (const { left, right } of chunksOf(sound)) parts.push(encoder.encode([left, right]).slice());
  parts.push(encoder.finalize().slice());
  return new Uint8Array(Buffer.concat(parts));
}

/** Puts encoded audio into a new file that carries the tags. */
async function withTags(
  bare: Uint8Array<ArrayBuffer>,
  codec: "mp3" | "vorbis",
  format: OutputFormat,
  tags: MetadataTags,
): Promise<Uint8Array> {
  const input = new Input({ source: new BufferSource(bare), formats: ALL_FORMATS });
  const track = await input.getPrimaryAudioTrack();
  const decoderConfig = await track?.getDecoderConfig();
  if (!track || !decoderConfig) throw new Error(`the ${codec} encoder made no audio`);
  const source = new EncodedAudioPacketSource(codec);
  return written(format, tags, source, async () => {
    for await (const packet of new EncodedPacketSink(track).packets())
      await source.add(packet, { decoderConfig });
  });
}

async function encodeFlac(sound: Stereo, tags: MetadataTags): Promise<Uint8Array> {
  registerFlacEncoder();
  const source = new AudioSampleSource({ codec: "flac" });
  return written(new FlacOutputFormat(), tags, source, async () => {
    let index = 0;
    for (const chunk of chunksOf(sound)) await addSample(source, chunk, index++);
  });
}

async function addSample(source: AudioSampleSource, chunk: Stereo, index: number): Promise<void> {
  const timestamp = (index * CHUNK) / SAMPLE_RATE;
  const data = toInt16(chunk);
  const sample = new AudioSample({
    data,
    format: "s16",
    numberOfChannels: 2,
    sampleRate: SAMPLE_RATE,
    timestamp,
  });
  await source.add(sample);
  sample.close();
}

async function written(
  format: OutputFormat,
  tags: MetadataTags,
  source: AudioSampleSource | EncodedAudioPacketSource,
  feed: () => Promise<void>,
): Promise<Uint8Array> {
  const output = new Output({ format, target: new BufferTarget() });
  output.setMetadataTags(tags);
  output.addAudioTrack(source);
  await output.start();
  await feed();
  await output.finalize();
  return new Uint8Array(output.target.buffer ?? new ArrayBuffer());
}
