/** Why a file is refused that is whole, in words for who brought it. */
export const unplayable = (codec: string): string =>
  `Not all browsers play ${codec}: convert the file to FLAC, MP3, AAC, Opus or Vorbis`;
