import { EncodedPacketSink, FilePathSource, Input, type InputAudioTrack } from "mediabunny";
import { type IAudioMetadata, parseFile, selectCover } from "music-metadata";
import { maxNameLength } from "../../core/contract/catalogue.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { cleanText } from "../../core/domain/text.ts";
import type { AudioInspector, Bytes, InspectedAudio } from "../../core/domain/uploads/ports.ts";
import { contentTypes, inputFormats, isAudioContainer } from "./containers.ts";
import { makePreview } from "./preview.ts";
import { type TemporaryFile, withTemporaryFile } from "./temporary-file.ts";

/** Looks into uploaded files: mediabunny reads the audio itself, music-metadata what the tags say. */
export const audioInspector: AudioInspector = {
  inspect: (body, expected) =>
    withTemporaryFile(body, async (file) => {
      if (file.sizeBytes !== expected.sizeBytes || file.sha256 !== expected.sha256)
        throw new DomainError(
          "bad-audio",
          "The bytes that came are not those that were announced; send them again",
        );
      return inspectFile(file).catch(refuseDamage);
    }),
};

/** Whatever a parser stumbles over is the file's fault; what the machine could not do is not. */
function refuseDamage(error: unknown): never {
  const isOurs = error instanceof DomainError || (error as NodeJS.ErrnoException).syscall !== undefined;
  if (isOurs) throw error;
  throw new DomainError(
    "bad-audio",
    "The file is damaged: it cannot be read as the audio that it says it is",
  );
}

async function inspectFile({ path }: TemporaryFile): Promise<InspectedAudio> {
  using input = new Input({ formats: inputFormats, source: new FilePathSource(path) });
  const { track, container } = await openAudio(input);
  const durationSeconds = await measure(track);
  const metadata = await parseFile(path, { duration: false }).catch(() => undefined);
  refuseCutFile(metadata?.format.duration, durationSeconds);
  const contentType = contentTypes[container];
  return {
    contentType,
    durationSeconds: Math.round(durationSeconds * 1000) / 1000,
    ...tagsOf(metadata),
    preview: { bytes: await makePreview(track, container), contentType },
  };
}

async function openAudio(input: Input) {
  const container = await input.getFormat().then(
    ({ name }) => name,
    () => "",
  );
  if (!isAudioContainer(container))
    throw new DomainError("bad-audio", "This is no MP3, FLAC, Ogg, M4A or WAV file, whatever its name says");
  const track = await input.getPrimaryAudioTrack();
  if (!track?.codec) throw new DomainError("bad-audio", "The file holds no audio that Encore knows");
  return { track, container };
}

/** The length of the audio that is there, packet by packet: a header can claim anything. Seconds. */
async function measure(track: InputAudioTrack): Promise<number> {
  let end = 0;
  try {
    for await (const packet of new EncodedPacketSink(track).packets(undefined, undefined, {
      metadataOnly: true,
    }))
      end = Math.max(end, packet.timestamp + packet.duration);
  } catch {
    throw new DomainError("bad-audio", `The audio is damaged after ${end.toFixed(1)} s`);
  }
  if (end === 0) throw new DomainError("bad-audio", "The file holds no audio");
  return end;
}

/** A file that ends well before its header says was cut on its way. */
function refuseCutFile(announced: number | undefined, found: number): void {
  if (announced === undefined || announced - found < Math.max(1, announced * 0.02)) return;
  throw new DomainError(
    "bad-audio",
    `The file is cut off: it announces ${announced.toFixed(1)} s and holds ${found.toFixed(1)} s`,
  );
}

/** Pictures that every browser shows; others are left out rather than stored unseen. */
const coverTypes = new Set(["image/jpeg", "image/png", "image/webp", "image/gif"]);

function tagsOf(metadata: IAudioMetadata | undefined): Partial<InspectedAudio> {
  if (!metadata) return {};
  const { title, artist, album, albumartist, track, year, genre } = metadata.common;
  const cover = coverOf(metadata);
  return {
    ...text("title", title),
    ...text("artist", artist),
    ...text("album", album),
    ...text("albumArtist", albumartist),
    ...text("genre", genre?.[0]),
    ...(track.no !== null && track.no > 0 && { track: track.no }),
    ...(year !== undefined && year > 0 && year <= 9999 && { year }),
    ...(cover && { cover }),
  };
}

function text<K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> {
  const clean = value && cleanText(value, maxNameLength);
  return clean ? ({ [name]: clean } as Record<K, string>) : {};
}

function coverOf(metadata: IAudioMetadata): Bytes | undefined {
  const picture = selectCover(metadata.common.picture);
  if (!picture) return undefined;
  const contentType = picture.format === "image/jpg" ? "image/jpeg" : picture.format;
  return coverTypes.has(contentType) ? { bytes: picture.data, contentType } : undefined;
}
