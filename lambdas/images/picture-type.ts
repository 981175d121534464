/** How the pictures begin that every browser shows (offset in bytes, signature in Latin-1). */
const signatures: readonly (readonly [contentType: string, offset: number, signature: string])[] = [
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/gif", 0, "GIF8"],
  ["image/webp", 8, "WEBP"],
];

/**
 * The media type of a picture by its first bytes: what a tag calls it may be "image/", "JPG", nothing, or wrong.
 * @returns undefined for what not every browser shows
 */
export function pictureType(picture: Uint8Array): string | undefined {
  const start = Buffer.from(picture.buffer, picture.byteOffset, Math.min(16, picture.length)).toString(
    "latin1",
  );
  return signatures.find(([, offset, signature]) => start.startsWith(signature, offset))?.[0];
}
