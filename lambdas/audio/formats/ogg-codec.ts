/** How the first packet of a stream begins, and what it is of (Xiph's list of mappings). */
const codecs: readonly (readonly [start: string, codec: string])[] = [
  ["\x01vorbis", "Vorbis"],
  ["OpusHead", "Opus"],
  ["Speex   ", "Speex"],
  ["\x7fFLAC", "FLAC"],
  ["fLaC", "FLAC in Ogg of before its mapping"],
  ["PCM     ", "PCM in Ogg"],
  ["CELT    ", "CELT"],
];

/** @returns undefined for pictures, texts and the like */
export function oggCodec(packet: Buffer): string | undefined {
  const start = packet.toString("latin1", 0, 8);
  return codecs.find(([name]) => start.startsWith(name))?.[1];
}
