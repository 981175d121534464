import { type IAudioMetadata, type IPicture, parseBuffer, parseFile, selectCover } from "music-metadata";
import type { Bytes, InspectedAudio } from "../../../core/domain/uploads/ports.ts";
import { pictureType } from "../../images/picture-type.ts";
import { songTagsOf } from "./song-tags.ts";

/** Larger than any picture that is meant to be a cover (bytes). */
const maxCoverBytes = 32 * 2 ** 20;
const options = { duration: false };

/**
 * What the tags of a file say of the song; nothing where they cannot be read.
 * @param tagFile a small file of the same tags, where one was made
 */
export async function readTags(path: string, tagFile: Bytes | undefined): Promise<Partial<InspectedAudio>> {
  const parsing = tagFile
    ? parseBuffer(tagFile.bytes, { mimeType: tagFile.contentType, size: tagFile.bytes.length }, options)
    : parseFile(path, options);
  const metadata = await parsing.catch(() => undefined);
  const cover = metadata && coverOf([...(metadata.common.picture ?? []), ...oldPictures(metadata)]);
  return { ...(metadata && songTagsOf(metadata)), ...(cover && { cover }) };
}

/** What Vorbis comments had before `METADATA_BLOCK_PICTURE` was agreed on: a picture in base64, and no more about it. */
const oldPictures = ({ native }: IAudioMetadata): IPicture[] =>
  (native.vorbis ?? [])
    .filter(({ id }) => id === "COVERART")
    .map(({ value }) => ({ format: "", data: Buffer.from(String(value), "base64") }));

/** Of the pictures that every browser shows, the one that is the front. */
function coverOf(pictures: readonly IPicture[]): Bytes | undefined {
  const shown = pictures.filter(({ data }) => data.length <= maxCoverBytes && pictureType(data));
  const picture = selectCover([...shown]);
  const contentType = picture && pictureType(picture.data);
  return picture && contentType ? { bytes: picture.data, contentType } : undefined;
}
