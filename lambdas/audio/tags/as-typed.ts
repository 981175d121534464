import type { IAudioMetadata } from "music-metadata";

type Native = IAudioMetadata["native"];

/** A year in a date that people typed: "c. 1999", "05/06/2001", "19990101". No recording is of a year with fewer digits. */
export const yearIn = (date: string | number | undefined): number | undefined => {
  const year = /(?<!\d)([1-9]\d{3})(?:\d{4})?(?!\d)/.exec(String(date ?? "").normalize("NFKC"))?.[1];
  return year === undefined ? undefined : Number(year);
};

/** The year of a Vorbis comment YEAR, which some programs write instead of DATE. */
export const yearOfComment = (native: Native): number | undefined => yearIn(textOf(native, /^YEAR$/i));

/** The two of "1 of 2", where music-metadata 12 knows "1/2" alone. */
export const totalOf = (native: Native, place: "track" | "disc"): number | undefined => {
  const total = /^\s*\d+\s*of\s*(\d+)\s*$/i.exec(textOf(native, frames[place]) ?? "")?.[1];
  return total === undefined ? undefined : Number(total);
};

/** In ID3v2, Vorbis comments and APE tags. */
const frames = { track: /^(TRCK|TRK|TRACKNUMBER|TRACK)$/i, disc: /^(TPOS|TPA|DISCNUMBER|DISC)$/i };

const textOf = (native: Native, name: RegExp): string | undefined =>
  Object.values(native)
    .flat()
    .flatMap(({ id, value }) => (name.test(id) && typeof value === "string" ? value : []))[0];
