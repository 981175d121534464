import { FLAC, type InputFormat, MP3, MP4, OGG, WAVE } from "mediabunny";

/** The containers that Encore takes in, by mediabunny's names, with the media type that players know best. */
export const contentTypes = {
  MP3: "audio/mpeg",
  FLAC: "audio/flac",
  Ogg: "audio/ogg",
  MP4: "audio/mp4",
  WAVE: "audio/wav",
} as const;

export type AudioContainer = keyof typeof contentTypes;

/** MP3 last: it has no header of its own, and frames that look like it are found inside of others. */
export const inputFormats: InputFormat[] = [FLAC, OGG, MP4, WAVE, MP3];

export const isAudioContainer = (name: string): name is AudioContainer => name in contentTypes;
