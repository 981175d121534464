import { EncodedPacketSink, type InputAudioTrack, OGG } from "mediabunny";
import type { Bytes } from "../../../core/domain/uploads/ports.ts";
import { contentTypes } from "../containers.ts";
import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";
import type { AudioLayout } from "../layout.ts";
import { plausible } from "../plausible.ts";
import { makePreview } from "../preview.ts";
import { trailingTags } from "../tags/tag-ranges.ts";
import { unplayable } from "../unplayable.ts";
import { previewOf, readOggFlac, samplesOf } from "./ogg-flac.ts";
import { type OggLink, oggLinks } from "./ogg-links.ts";
import { measure, openInput } from "./packets.ts";

/**
 * Reads an Ogg file. Where several are chained, browsers play one after the other, until one is of another codec, sample
 * rate or number of channels.
 * @throws Damage
 */
export async function readOgg(file: FileReader): Promise<AudioLayout> {
  const links = [...oggLinks(file, trailingTags(file).end)];
  const [first] = links;
  if (!first) throw new Damage("The file is cut off: it ends before its audio");
  const opened = await openLink(file, first);
  if (!opened) throw new Damage(first.codec ? unplayable(first.codec) : "The file holds no audio");
  let durationSeconds = 0;
  for (const link of links) {
    const next = await openLink(file, link);
    if (next?.form !== opened.form) break;
    durationSeconds += await next.seconds();
  }
  return { container: "Ogg", durationSeconds, preview: opened.preview };
}

type OpenLink = {
  /** Codec, sample rate and channels. */
  readonly form: string;
  seconds(): Promise<number> | number;
  preview(): Promise<Bytes> | Bytes;
};

async function openLink(file: FileReader, link: OggLink): Promise<OpenLink | undefined> {
  if (link.codec === "FLAC") return openFlac(file, link);
  if (link.codec !== "Vorbis" && link.codec !== "Opus") return undefined;
  const track = await openInput(file, OGG, link).getPrimaryAudioTrack();
  return (
    (track && {
      form: await formOf(track),
      seconds: () => (link.hasGap ? spanOf(file, link, track) : measure(track)),
      preview: async () => ({ bytes: await makePreview(track, "Ogg"), contentType: contentTypes.Ogg }),
    }) ||
    undefined
  );
}

/**
 * The length of audio of which some pages were lost: mediabunny reads up to the first gap, players go on behind it. A page
 * says where its last packet ends; in Opus at 48 kHz, with the samples that are skipped at the start (RFC 7845, 4).
 * @returns seconds @throws Damage
 */
async function spanOf(file: FileReader, { start, end, codec, audio }: OggLink, track: InputAudioTrack) {
  const first = await new EncodedPacketSink(track).getFirstPacket({ metadataOnly: true });
  if (!first || !audio) return 0;
  const skipped = codec === "Opus" ? file.read(audio.content + 10, 2).readUInt16LE() : 0;
  const rate = codec === "Opus" ? 48_000 : await track.getSampleRate();
  const seconds = (audio.endSample - skipped) / rate - Math.max(first.timestamp, 0);
  return plausible(Math.max(0, seconds), end - start);
}

const formOf = async (track: InputAudioTrack): Promise<string> =>
  [await track.getCodec(), await track.getSampleRate(), await track.getNumberOfChannels()].join();

function openFlac(file: FileReader, link: OggLink): OpenLink {
  const flac = readOggFlac(file, link);
  const { sampleRate, channels } = flac.header;
  return {
    form: ["flac", sampleRate, channels].join(),
    seconds: () => plausible(samplesOf(flac) / sampleRate, link.end - link.start),
    preview: () => ({ bytes: previewOf(file, flac), contentType: contentTypes.FLAC }),
  };
}
