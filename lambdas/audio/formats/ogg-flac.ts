import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";
import type { ByteSpan } from "../layout.ts";
import { maxPreviewBytes, previewSeconds } from "../preview.ts";
import { type FlacFrame, maxHeaderBytes, parseFlacFrame } from "./flac-frame.ts";
import { type FlacHeader, flacStart, readFlacHeader } from "./flac-header.ts";
import { type OggPage, oggPages } from "./ogg-pages.ts";

/** FLAC in Ogg (RFC 9639, 10.1). */
export type OggFlac = {
  readonly header: FlacHeader;
  /** The pages of its frames, one behind the other; none where a recording ended before the first of them. */
  readonly pages: readonly OggPage[];
  /** The number of the first sample: a recording of a broadcast does not begin at 0. */
  readonly firstSample: number;
};

/** Before the FLAC header: 0x7f, "FLAC", the version, and how many packets follow that are no audio. */
const mappingBytes = 9;

/** @param link that begins with a stream of FLAC @throws Damage */
export function readOggFlac(file: FileReader, { start, end }: ByteSpan): OggFlac {
  const all = [...oggPages(file, start, end)];
  const stream = all.find((page) => file.read(page.content, 5).toString("latin1") === "\x7fFLAC");
  if (!stream) throw new Damage("The file is damaged: it does not say what audio it holds");
  const own = all.filter(({ serial }) => serial === stream.serial);
  const from = own.findIndex((page) => frameOf(file, page));
  const first = own[from] && frameOf(file, own[from]);
  return {
    header: readFlacHeader(file, stream.content + mappingBytes, true),
    pages: first ? own.slice(from) : [],
    firstSample: first ? first.number * (first.isVariable ? 1 : first.samples) : 0,
  };
}

const frameOf = (file: FileReader, { content }: OggPage): FlacFrame | undefined =>
  parseFlacFrame(file.read(content, maxHeaderBytes));

/** A page says at which sample the last frame ends that ends in it. */
export const samplesOf = ({ pages, firstSample }: OggFlac): number =>
  Math.max(0, ...lastOf(pages).map(({ endSample }) => endSample - firstSample));

const lastOf = (pages: readonly OggPage[]): OggPage[] =>
  pages.filter(({ endSample }) => endSample >= 0).slice(-1);

/** The first 30 s as a FLAC file without Ogg, whose frames are the same. */
export function previewOf(file: FileReader, flac: OggFlac): Buffer {
  const most = flac.firstSample + previewSeconds * flac.header.sampleRate;
  const count = flac.pages.findIndex(({ endSample }) => endSample >= most) + 1 || flac.pages.length;
  const pages = flac.pages.slice(0, Math.min(count, Math.ceil(maxPreviewBytes / 2 ** 16)));
  const frames = pages.map(({ content, end }) => Buffer.from(file.read(content, end - content)));
  return Buffer.concat([flacStart(flac.header, samplesOf({ ...flac, pages })), ...frames]);
}
