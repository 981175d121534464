import { maxNameLength } from "../../contract/catalogue.ts";
import { isVarious, variousArtists, withoutGuests } from "../catalogue/credits.ts";
import type { SongRecord } from "../catalogue/ports.ts";
import { cleanText } from "../shared/text.ts";
import { type AudioTags, songTags } from "./tags.ts";

type Described = Pick<SongRecord, (typeof songTags)[number]>;

/** What the file does not say follows from its name, or says that it is unknown. */
export function describe(fileName: string, tags: AudioTags): Described {
  const named = songTags.flatMap((name) => (tags[name] === undefined ? [] : [[name, tags[name]] as const]));
  const { artist = "Unknown artist" } = tags;
  return {
    ...Object.fromEntries(named.filter(([name]) => name !== "compilation")),
    title: tags.title ?? titleFrom(fileName),
    artist,
    album: tags.album ?? "Unknown album",
    ...albumCredit(tags, artist),
  };
}

/**
 * An album without an artist of its own is the first artist's, so that a guest on one of its songs does not take the song out
 * of it; a compilation is nobody's. Songs without an album are no compilation.
 */
function albumCredit(tags: AudioTags, artist: string): Pick<SongRecord, "albumArtist" | "compilation"> {
  const compilation = tags.compilation && tags.album !== undefined;
  const { albumArtist = compilation ? variousArtists : withoutGuests(tags.artists?.[0] ?? artist) } = tags;
  return { albumArtist, ...((compilation || isVarious(albumArtist)) && { compilation: true }) };
}

function titleFrom(fileName: string): string {
  const name = fileName
    .replace(/^.*[\\/]/, "")
    .replace(/\.[^.]+$/, "")
    .replace(/[_\s]+/g, " ");
  return cleanText(name, maxNameLength) ?? cleanText(fileName, maxNameLength) ?? "Untitled";
}
