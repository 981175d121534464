import { type InputAudioTrack, OGG } from "mediabunny";
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
      seconds: () => measure(track),
      preview: async () => ({ bytes: await makePreview(track, "Ogg"), contentType: contentTypes.Ogg }),
    }) ||
    undefined
  );
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
