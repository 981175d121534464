/** Text that a tag takes for Latin-1: most programs write UTF-8, older ones the code page of Windows. */
export function decodeLegacy(text: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    return new TextDecoder("windows-1252").decode(text);
  }
}

/** The data of a text frame of ID3v2 that says to be in Latin-1, in UTF-16, which all versions have. */
export function plainTextFrame(data: Buffer): Buffer {
  const text = data.subarray(1);
  if (data[0] !== 0 || text.every((byte) => byte < 0x80)) return data;
  return Buffer.concat([Buffer.of(1, 0xff, 0xfe), Buffer.from(decodeLegacy(text), "utf16le")]);
}
