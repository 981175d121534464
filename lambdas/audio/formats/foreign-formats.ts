/** How files of audio begin that Encore does not take (bytes in Latin-1, from an offset), and what they are. */
const signatures: readonly (readonly [offset: number, signature: string, name: string])[] = [
  [8, "AIFF", "an AIFF file"],
  [8, "AIFC", "an AIFF file"],
  [0, "MAC ", "Monkey's Audio (APE)"],
  [0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media Audio (WMA)"],
  [0, "wvpk", "a WavPack file"],
  [0, "MPCK", "a Musepack file"],
  [0, "MP+", "a Musepack file"],
  [0, "DSD ", "a DSD file (DSF)"],
  [0, "FRM8", "a DSD file (DSDIFF)"],
  [0, "TTA1", "a True Audio file (TTA)"],
  [0, "\x0b\x77", "AC-3"],
  [0, "\x7f\xfe\x80\x01", "DTS"],
  [0, "#!AMR", "an AMR file"],
  [0, "\x1a\x45\xdf\xa3", "a Matroska or WebM file"],
  [0, "riff\x2e\x91\xcf\x11", "a Wave64 file"],
  [0, "caff", "a Core Audio file (CAF)"],
  [0, "MThd", "a MIDI file"],
  [0, ".snd", "a Sun audio file (AU)"],
  [4, "ftypqt  ", "a QuickTime file"],
  [0, "ADIF", "AAC without a container"],
  ...["\xff\xf0", "\xff\xf1", "\xff\xf8", "\xff\xf9"].map(
    (sync) => [0, sync, "AAC without a container (ADTS)"] as const,
  ),
];

/** @param start of the file, 16 bytes */
export function foreignFormat(start: Buffer): string | undefined {
  const text = start.toString("latin1");
  return signatures.find(([offset, signature]) => text.startsWith(signature, offset))?.[2];
}
