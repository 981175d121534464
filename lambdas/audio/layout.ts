import type { Bytes } from "../../core/domain/uploads/ports.ts";
import type { AudioContainer } from "./containers.ts";

/** Where something lies in a file (bytes; `end` is the first byte behind it). */
export type ByteSpan = { readonly start: number; readonly end: number };

/** What a file holds, by its bytes: its length and where its tags are. */
export type AudioLayout = {
  readonly container: AudioContainer;
  /** Of the audio that is there and that browsers play. */
  readonly durationSeconds: number;
  /** What a header says that it should be, where one says it. */
  readonly declaredSeconds?: number;
  /** A small file of the same tags, without the audio; without it the tags are read from the file itself. */
  readonly tagFile?: Bytes;
  /** The first 30 s as a file of their own. @returns no bytes where there is no audio */
  preview(): Promise<Bytes> | Bytes;
};
