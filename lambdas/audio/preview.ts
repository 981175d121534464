import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  type InputAudioTrack,
  Mp4OutputFormat,
  OggOutputFormat,
  Output,
  type OutputFormat,
} from "mediabunny";

export const previewSeconds = 30;
/** Half a minute of the densest PCM; what would be more ends earlier (bytes). */
export const maxPreviewBytes = 48 * 2 ** 20;

const formats = {
  Ogg: (): OutputFormat => new OggOutputFormat(),
  // The index in front, so that a player can start on the first bytes.
  MP4: (): OutputFormat => new Mp4OutputFormat({ fastStart: "in-memory" }),
};

/**
 * The first 30 s of a track as a short file of its own: the packets are copied as they are, so nothing is lost and
 * little is computed.
 */
export async function makePreview(
  track: InputAudioTrack,
  container: keyof typeof formats,
): Promise<Uint8Array> {
  const codec = await track.getCodec();
  if (!codec) throw new Error("A track without a codec was taken in");
  const target = new BufferTarget();
  const output = new Output({ format: formats[container](), target });
  const source = new EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  await output.start();
  const decoderConfig = await track.getDecoderConfig();
  let bytes = 0;
  let start: number | undefined;
  for await (const found of new EncodedPacketSink(track).packets()) {
    // What was recorded of a broadcast begins at the broadcast's time.
    start ??= Math.max(found.timestamp, 0);
    const packet = start === 0 ? found : found.clone({ timestamp: found.timestamp - start });
    bytes += packet.byteLength;
    if (packet.timestamp >= previewSeconds || bytes > maxPreviewBytes) break;
    await source.add(packet, decoderConfig ? { decoderConfig } : undefined);
  }
  await output.finalize();
  if (!target.buffer) throw new Error("The preview was not finished");
  return new Uint8Array(target.buffer);
}
