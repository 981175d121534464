import type { FileReader } from "../file-reader.ts";
import type { ByteSpan } from "../layout.ts";
import { oggCodec } from "./ogg-codec.ts";
import { type OggPage, oggPages } from "./ogg-pages.ts";

/** One of the files that are chained (RFC 3533, 4): it begins where streams begin behind others. */
export type OggLink = ByteSpan & {
  readonly codec: string | undefined;
  /** Bytes between its pages were lost or are of something else. */
  readonly hasGap: boolean;
  /** Its audio's first page, and where that audio ends, in samples. */
  readonly audio?: { readonly serial: number; readonly content: number; readonly endSample: number };
};

export function* oggLinks(file: FileReader, to: number): Generator<OggLink> {
  let link: OggLink | undefined;
  let isHeader = false;
  for (const page of oggPages(file, 0, to)) {
    const { start, end, isFirst } = page;
    if (isFirst && !isHeader) {
      if (link) yield link;
      link = { start, end: start, codec: undefined, hasGap: false };
    }
    if (link)
      link = { ...link, ...audioOf(file, page, link), end, hasGap: link.hasGap || start !== link.end };
    isHeader = isFirst;
  }
  if (link) yield link;
}

/** What a page tells of the audio of its link: the first stream of it. */
function audioOf(
  file: FileReader,
  page: OggPage,
  { codec, audio }: OggLink,
): Pick<OggLink, "codec" | "audio"> {
  const { serial, content, endSample } = page;
  const found = page.isFirst ? oggCodec(file.read(content, 8)) : undefined;
  if (codec === undefined) return found ? { codec: found, audio: { serial, content, endSample } } : { codec };
  return audio?.serial === serial && endSample >= 0 ? { codec, audio: { ...audio, endSample } } : { codec };
}
