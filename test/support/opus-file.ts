import { BufferTarget, EncodedAudioPacketSource, EncodedPacket, OggOutputFormat, Output } from "mediabunny";

/** 20 ms of silence in one packet (RFC 6716, 3.1: CELT, fullband, one frame). */
const silence = Buffer.of(0xf8, 0xff, 0xfe);
const packetSeconds = 0.02;

/** An Opus file of silence, which needs no encoder. */
export async function opusFile({ seconds = 3, channels = 1 } = {}): Promise<Buffer> {
  const target = new BufferTarget();
  const output = new Output({ format: new OggOutputFormat(), target });
  const source = new EncodedAudioPacketSource("opus");
  output.addAudioTrack(source);
  await output.start();
  // OpusHead (RFC 7845, 5.1): version, channels, no samples to skip, 48 kHz, no gain, mapping family 0.
  const description = Buffer.from([...Buffer.from("OpusHead"), 1, channels, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]);
  const decoderConfig = { codec: "opus", numberOfChannels: channels, sampleRate: 48_000, description };
  for (let at = 0; at < seconds / packetSeconds; at++)
    await source.add(new EncodedPacket(silence, "key", at * packetSeconds, packetSeconds), { decoderConfig });
  await output.finalize();
  return Buffer.from(target.buffer ?? new ArrayBuffer());
}
