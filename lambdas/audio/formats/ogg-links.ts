import type { FileReader } from "../file-reader.ts";
import type { ByteRange } from "../layout.ts";
import { oggCodec } from "./ogg-codec.ts";
import { oggPages } from "./ogg-pages.ts";

/** One of the files that are chained (RFC 3533, 4): it begins where streams begin behind others. */
export type OggLink = ByteRange & { readonly codec: string | undefined };

export function* oggLinks(file: FileReader, to: number): Generator<OggLink> {
  let link: OggLink | undefined;
  let isHeader = false;
  for (const { start, end, content, isFirst } of oggPages(file, 0, to)) {
    const codec = isFirst ? oggCodec(file.read(content, 8)) : undefined;
    if (isFirst && !isHeader) {
      if (link) yield link;
      link = { start, end, codec };
    } else if (link) link = { ...link, end, codec: link.codec ?? codec };
    isHeader = isFirst;
  }
  if (link) yield link;
}
