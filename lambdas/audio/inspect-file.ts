import { EncodedPacketSink, Input, type InputAudioTrack } from "mediabunny";
import { type IAudioMetadata, parseFile, selectCover } from "music-metadata";
import type { Bytes, InspectedAudio } from "../../core/domain/uploads/ports.ts";
import { contentTypes, inputFormats, isAudioContainer } from "./containers.ts";
import { Damage } from "./damage.ts";
import { makePreview } from "./preview.ts";
import { songTagsOf } from "./tags/song-tags.ts";
import { WindowSource } from "./window-source.ts";

/**
 * Looks into one file: mediabunny reads the audio itself, music-metadata what the tags say. Runs in a process of its
 * own (see `inspect-process.ts`), since either may stumble over what a file says of itself.
 * @throws Damage with what is wrong with the file
 */
export async function inspectFile(path: string): Promise<InspectedAudio> {
  using input = new Input({ formats: inputFormats, source: new WindowSource(path) });
  const { track, container } = await openAudio(input);
  const durationSeconds = await measure(track);
  const metadata = await parseFile(path, { duration: false }).catch(() => undefined);
  refuseCutFile(metadata?.format.duration, durationSeconds);
  const contentType = contentTypes[container];
  const cover = metadata && coverOf(metadata);
  const bytes = await makePreview(track, container);
  if (bytes.length === 0) throw new Damage("The file holds no audio");
  return {
    contentType,
    durationSeconds: Math.round(durationSeconds * 1000) / 1000,
    ...(metadata && songTagsOf(metadata)),
    ...(cover && { cover }),
    preview: { bytes, contentType },
  };
}

async function openAudio(input: Input) {
  const container = await input.getFormat().then(
    ({ name }) => name,
    () => "",
  );
  if (!isAudioContainer(container))
    throw new Damage("This is no MP3, FLAC, Ogg, M4A or WAV file, whatever its name says");
  const track = await input.getPrimaryAudioTrack();
  if (!track?.codec) throw new Damage("The file holds no audio that Encore knows");
  return { track, container };
}

/** Silence takes this much at least in every codec (bytes for a second); what claims less has made its length up. */
const minBytesPerSecond = 4;

/** The length of the audio that is there, packet by packet: a header can claim anything. Seconds. */
async function measure(track: InputAudioTrack): Promise<number> {
  const sink = new EncodedPacketSink(track);
  const options = { metadataOnly: true };
  let end = 0;
  let bytes = 0;
  try {
    // One after the other: what the sink's iterator prepares ahead costs three times as much.
    for (let packet = await sink.getFirstPacket(options); packet; ) {
      end = Math.max(end, packet.timestamp + packet.duration);
      bytes += packet.byteLength;
      packet = await sink.getNextPacket(packet, options);
    }
  } catch (error) {
    if (error instanceof Damage) throw error;
    throw new Damage(`The audio is damaged after ${end.toFixed(1)} s`);
  }
  if (!(end >= 0.001)) throw new Damage("The file holds no audio");
  if (!(end * minBytesPerSecond <= bytes))
    throw new Damage("The file is damaged: it claims to last longer than its audio can");
  return end;
}

/** A file that ends well before its header says was cut on its way. */
function refuseCutFile(announced: number | undefined, found: number): void {
  if (announced === undefined || announced - found < Math.max(1, announced * 0.02)) return;
  throw new Damage(
    `The file is cut off: it announces ${announced.toFixed(1)} s and holds ${found.toFixed(1)} s`,
  );
}

/** Pictures that every browser shows; others are left out rather than stored unseen. */
const coverTypes = new Set(["image/jpeg", "image/png", "image/webp", "image/gif"]);
/** Larger than any picture that is meant to be a cover (bytes). */
const maxCoverBytes = 32 * 2 ** 20;

function coverOf(metadata: IAudioMetadata): Bytes | undefined {
  const picture = selectCover(metadata.common.picture);
  if (!picture || picture.data.length > maxCoverBytes) return undefined;
  const contentType = picture.format === "image/jpg" ? "image/jpeg" : picture.format;
  return coverTypes.has(contentType) ? { bytes: picture.data, contentType } : undefined;
}
