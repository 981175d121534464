import type { Song } from "../../contract/catalogue.ts";
import type { StoredFile } from "../shared/object-store.ts";
import { albumArtistsOf, artistsOf, isVarious } from "./credits.ts";
import type { SongRecord, StoredCover } from "./ports.ts";
import { albumIdOf, artistIdOf } from "./text.ts";

/** What the API shows of a song. */
export function toSong(record: SongRecord): Song {
  const { sha256: _sha256, version: _version, audio, preview, cover, ...shown } = record;
  const { album, albumArtist, compilation = isVarious(albumArtist), genres = [] } = record;
  const artists = artistsOf(record);
  return {
    ...shown,
    artists,
    artistId: artists[0]?.artistId ?? artistIdOf(record.artist),
    albumId: albumIdOf(albumArtist, album),
    albumArtists: albumArtistsOf(record),
    compilation,
    genres,
    ...(genres[0] !== undefined && { genre: genres[0] }),
    contentType: audio.contentType,
    sizeBytes: audio.sizeBytes,
    hasPreview: preview !== undefined,
    streamUrl: `/stream/${record.songId}`,
    ...(cover && { coverUrl: `/covers/${record.songId}?v=${coverVersion(cover)}` }),
  };
}

/** Every object that is this song's alone, by its key. Of old, songs with one picture shared its object. */
export function objectKeysOf({ songId, audio, preview, cover }: SongRecord): string[] {
  const ownCover = cover?.key.startsWith(`covers/${songId}/`) ? cover : undefined;
  return [audio, preview, ownCover, ...(ownCover?.smaller ?? [])].flatMap((object) => object?.key ?? []);
}

/** The smallest picture of a cover that has so many pixels; the largest where none has, or where none is asked for. */
export const coverFor = (cover: StoredCover, pixels: number | undefined): StoredFile =>
  (pixels !== undefined && cover.smaller?.find((one) => one.pixels >= pixels)) || cover;

/** What a cover's address carries, so that another picture has another address. */
export const coverVersion = ({ hash }: StoredCover): string => hash.slice(0, 16);
