/** How the pictures begin that every browser shows, in Latin-1; and what stands at the eighth byte. */
const signatures: readonly (readonly [contentType: string, start: string, atEight?: string])[] = [
  ["image/jpeg", "\xff\xd8\xff"],
  ["image/png", "\x89PNG\r\n\x1a\n"],
  ["image/gif", "GIF8"],
  ["image/webp", "RIFF", "WEBP"],
];

/**
 * The media type of a picture by its first bytes: what a tag calls it may be "image/", "JPG", nothing, or wrong.
 * @returns undefined for what not every browser shows
 */
export function pictureType(picture: Uint8Array): string | undefined {
  const start = Buffer.from(picture.buffer, picture.byteOffset, Math.min(16, picture.length)).toString(
    "latin1",
  );
  const found = signatures.find(
    ([, first, atEight = ""]) => start.startsWith(first) && start.startsWith(atEight, 8),
  );
  return found?.[0];
}
