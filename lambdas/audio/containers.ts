/** The containers that Encore takes in, with the media type that players know best. */
export const contentTypes = {
  MP3: "audio/mpeg",
  FLAC: "audio/flac",
  Ogg: "audio/ogg",
  MP4: "audio/mp4",
  WAVE: "audio/wav",
} as const;

export type AudioContainer = keyof typeof contentTypes;
