import type { IAudioMetadata, ICommonTagsResult } from "music-metadata";
import { maxNameLength } from "../../../core/contract/catalogue.ts";
import { distinctNames, printed } from "../../../core/domain/catalogue/credits.ts";
import { cleanText } from "../../../core/domain/shared/text.ts";
import type { AudioTags } from "../../../core/domain/uploads/tags.ts";
import { totalOf, yearIn, yearOfComment } from "./as-typed.ts";
import { splitSlashes } from "./slashes.ts";

/** More names of one kind than a song has; each costs whoever stores, finds and shows it. */
const maxNames = 50;

/** What tags say of a song, in the catalogue's words. What is no text, number or id of its kind is left out. */
export function songTagsOf({ common: read, native }: Pick<IAudioMetadata, "common" | "native">): AudioTags {
  const common = splitSlashes(read);
  return defined({
    title: text(common.title),
    ...credit("artist", common.artist, common.artists),
    album: text(common.album),
    ...credit("albumArtist", common.albumartist, common.albumartists),
    compilation: common.compilation || undefined,
    ...places(common, native),
    year: yearIn(common.date) ?? yearIn(common.year) ?? yearOfComment(native) ?? yearIn(common.releasedate),
    originalDate: dateOf(common.originaldate) ?? dateOf(common.originalyear),
    genres: list(common.genre?.flatMap(apart)),
    composers: list(common.composer),
    isrcs: list(common.isrc),
    musicBrainz: musicBrainzOf(common),
    sortNames: sortNamesOf(common),
  });
}

/**
 * Artists as printed and, where that is not the same, one by one. A tag that is there several times names one artist each
 * time; then nobody printed them together.
 */
function credit<K extends "artist" | "albumArtist">(
  name: K,
  asPrinted: string | undefined,
  values: readonly string[] = [],
): Partial<Pick<AudioTags, K | `${K}s`>> {
  const isRepeated = values.length > 1 && values[0] === asPrinted;
  const names = distinctNames(texts((values.length > 0 ? values : [asPrinted ?? ""]).flatMap(apart)));
  const single = text(isRepeated || asPrinted === undefined ? printed(names) : asPrinted);
  const areOther = names.length > 0 && (names.length > 1 || names[0] !== single);
  return { [name]: single, [`${name}s`]: areOther ? names : undefined } as Partial<
    Pick<AudioTags, K | `${K}s`>
  >;
}

/** Several names in one value, as people who have no other way write them. A slash without blanks is part of a name. */
const apart = (value: string): string[] => value.split(/[;；]|\\\\|\s\/\s/, maxNames);

const places = ({ disk, track }: ICommonTagsResult, native: IAudioMetadata["native"]) => ({
  disc: count(disk.no),
  discs: count(disk.of ?? totalOf(native, "disc")),
  track: count(track.no),
  tracks: count(track.of ?? totalOf(native, "track")),
});

/** Numbers in tags can be anything. */
const count = (value: number | null | undefined): number | undefined =>
  Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= 9999 ? Number(value) : undefined;

/** A year, month or day of ISO 8601; of what taggers write more, so much as is one. */
const dateOf = (value: string | number | undefined): string | undefined =>
  /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?/.exec(String(value ?? ""))?.[0];

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const idOf = (value: string | undefined): string | undefined =>
  value !== undefined && uuid.test(value) ? value.toLowerCase() : undefined;
const idsOf = (values: readonly string[] = []): string[] => values.flatMap((value) => idOf(value) ?? []);

const musicBrainzOf = (common: ICommonTagsResult): AudioTags["musicBrainz"] =>
  unlessEmpty({
    recordingId: idOf(common.musicbrainz_recordingid),
    releaseId: idOf(common.musicbrainz_albumid),
    releaseGroupId: idOf(common.musicbrainz_releasegroupid),
    artistIds: list(idsOf(common.musicbrainz_artistid)),
    albumArtistIds: list(idsOf(common.musicbrainz_albumartistid)),
  });

const sortNamesOf = (common: ICommonTagsResult): AudioTags["sortNames"] =>
  unlessEmpty({
    title: text(common.titlesort),
    artist: text(common.artistsort),
    album: text(common.albumsort),
    albumArtist: text(common.albumartistsort),
  });

const text = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : cleanText(value, maxNameLength);
const texts = (values: readonly string[]): string[] =>
  values.slice(0, maxNames).flatMap((value) => text(value) ?? []);

function list(values: readonly string[] = []): string[] | undefined {
  const names = distinctNames(texts(values));
  return names.length > 0 ? names : undefined;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const defined = <T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;

function unlessEmpty<T extends object>(fields: T): Defined<T> | undefined {
  const found = defined(fields);
  return Object.keys(found).length > 0 ? found : undefined;
}
