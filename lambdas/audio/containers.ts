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

export const inputFormats: InputFormat[] = [MP3, FLAC, OGG, MP4, WAVE];

export const isAudioContainer = (name: string): name is AudioContainer => name in contentTypes;
