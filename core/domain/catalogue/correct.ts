import { maxNameLength, type PatchSongInput } from "../../contract/catalogue.ts";
import { requireText } from "../shared/text.ts";
import { distinctNames, isVarious, printed, variousArtists, withoutGuests } from "./credits.ts";
import type { SongRecord } from "./ports.ts";

/**
 * A record as a curator wants it; what follows from a field that is given goes with it.
 * @throws DomainError `invalid-request` that names the field
 */
export function correct(before: SongRecord, input: PatchSongInput): SongRecord {
  const clean = cleanTexts(input);
  const { genre, genres = genre && [genre], ...rest } = clean;
  return withoutNulls({
    ...before,
    ...rest,
    ...credit("artist", clean.artist, clean.artists),
    ...credit("albumArtist", ...albumCredit(before, clean)),
    ...(genres && { genres }),
  });
}

/** As printed, and one by one where they are several. */
function credit<K extends "artist" | "albumArtist">(
  name: K,
  asPrinted: string | undefined,
  names: readonly string[] | undefined,
): Partial<SongRecord> {
  if (asPrinted === undefined && names === undefined) return {};
  return { [name]: asPrinted ?? printed(names ?? []), [`${name}s`]: names && distinctNames(names) };
}

/** Whether an album is a compilation decides its artist, where none is given. */
function albumCredit(
  before: SongRecord,
  { artist, artists, albumArtist, albumArtists, compilation }: PatchSongInput,
): [string | undefined, string[] | undefined] {
  const isGiven = albumArtist !== undefined || albumArtists !== undefined;
  if (isGiven || compilation === undefined || compilation === isVarious(before.albumArtist))
    return [albumArtist, albumArtists];
  const first = withoutGuests(artists?.[0] ?? artist ?? before.artists?.[0] ?? before.artist);
  return [compilation ? variousArtists : first, undefined];
}

const withoutNulls = (fields: object): SongRecord =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as SongRecord;

/** Every text in a patch, wherever it stands, as texts are kept. */
function cleanTexts<T>(value: T, path = "body"): T {
  if (typeof value === "string") return requireText(path, value, maxNameLength) as T;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one, at) => cleanTexts(one, `${path}/${at}`)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, cleanTexts(one, `${path}/${name}`)]),
  ) as T;
}
