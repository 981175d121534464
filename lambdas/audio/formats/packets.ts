import { EncodedPacketSink, Input, type InputAudioTrack, type InputFormat } from "mediabunny";
import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";
import type { ByteSpan } from "../layout.ts";
import { plausible } from "../plausible.ts";
import { WindowSource } from "../window-source.ts";

/** Opens a range of a file with mediabunny. */
export const openInput = (file: FileReader, format: InputFormat, range?: ByteSpan): Input =>
  new Input({ formats: [format], source: new WindowSource(file, range?.start, range?.end) });

/**
 * The length of the audio that is there, packet by packet: a header can claim anything. A recording of a broadcast
 * begins at the broadcast's time, which is no part of it.
 * @returns seconds @throws Damage
 */
export async function measure(track: InputAudioTrack): Promise<number> {
  const sink = new EncodedPacketSink(track);
  const options = { metadataOnly: true };
  let [start, end, bytes] = [Number.POSITIVE_INFINITY, 0, 0];
  try {
    // One after the other: what the sink's iterator prepares ahead costs three times as much.
    for (let packet = await sink.getFirstPacket(options); packet; ) {
      start = Math.min(start, Math.max(packet.timestamp, 0));
      end = Math.max(end, packet.timestamp + packet.duration);
      bytes += packet.byteLength;
      packet = await sink.getNextPacket(packet, options);
    }
  } catch (error) {
    if (error instanceof Damage) throw error;
    throw new Damage(`The audio is damaged after ${end.toFixed(1)} s`);
  }
  return plausible(Math.max(0, end - start), bytes);
}
