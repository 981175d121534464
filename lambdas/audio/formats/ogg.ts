import { type InputAudioTrack, OGG } from "mediabunny";
import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";
import type { AudioLayout, ByteRange } from "../layout.ts";
import { makePreview } from "../preview.ts";
import { trailingTags } from "../tags/tag-ranges.ts";
import { unplayable } from "../unplayable.ts";
import { oggCodec } from "./ogg-codec.ts";
import { oggPages } from "./ogg-pages.ts";
import { measure, openInput } from "./packets.ts";

/**
 * Reads an Ogg file. Where several are chained (RFC 3533, 4), browsers play one after the other, until one is of another
 * codec, sample rate or number of channels.
 * @throws Damage
 */
export async function readOgg(file: FileReader): Promise<AudioLayout> {
  const links = [...findLinks(file)];
  const [first] = links;
  if (!first) throw new Damage("The file is cut off: it ends before its audio");
  const tracks = await openAlike(file, links);
  const [track] = tracks;
  if (!track) throw new Damage(first.codec ? unplayable(first.codec) : "The file holds no audio");
  return {
    container: "Ogg",
    durationSeconds: await measureAll(tracks),
    preview: () => makePreview(track, "Ogg"),
  };
}

/** One of the files that are chained: it begins where streams begin behind others. */
type Link = ByteRange & { readonly codec: string | undefined };

function* findLinks(file: FileReader): Generator<Link> {
  let link: Link | undefined;
  let isHeader = false;
  for (const { start, end, content, isFirst } of oggPages(file, trailingTags(file).end)) {
    const codec = isFirst ? oggCodec(file.read(content, 8)) : undefined;
    if (isFirst && !isHeader) {
      if (link) yield link;
      link = { start, end, codec };
    } else if (link) link = { ...link, end, codec: link.codec ?? codec };
    isHeader = isFirst;
  }
  if (link) yield link;
}

const played = new Set(["Vorbis", "Opus"]);

async function openAlike(file: FileReader, links: readonly Link[]): Promise<InputAudioTrack[]> {
  const tracks: InputAudioTrack[] = [];
  let form: string | undefined;
  for (const link of links) {
    if (!played.has(link.codec ?? "")) break;
    const track = await openInput(file, OGG, link).getPrimaryAudioTrack();
    if (!track) break;
    form ??= await formOf(track);
    if (form !== (await formOf(track))) break;
    tracks.push(track);
  }
  return tracks;
}

const formOf = async (track: InputAudioTrack): Promise<string> =>
  [await track.getCodec(), await track.getSampleRate(), await track.getNumberOfChannels()].join();

async function measureAll(tracks: readonly InputAudioTrack[]): Promise<number> {
  let seconds = 0;
  for (const track of tracks) seconds += await measure(track);
  return seconds;
}
