import type { Song } from "../../core/contract/catalogue.ts";
import type { Subscription } from "../../core/contract/subscriptions.ts";
import { fold } from "../../core/domain/catalogue/fold.ts";
import type { SongEntry } from "./known-songs.ts";

export type SortBy = "newest" | "title" | "artist" | "rating";
/** How "My subscriptions" is narrowed and ordered. */
export type Filter = {
  readonly text: string;
  readonly tag: string;
  readonly rating: number;
  readonly sort: SortBy;
};
export const everything: Filter = { text: "", tag: "", rating: 0, sort: "newest" };

/** A subscription with its song, as far as that is known yet. */
export type Listed = { readonly subscription: Subscription; readonly song: SongEntry | undefined };

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** The subscriptions that pass the filter, pinned ones first. */
export function filterSubscriptions(
  subscriptions: Iterable<Subscription>,
  songs: ReadonlyMap<string, SongEntry>,
  filter: Filter,
): Listed[] {
  return [...subscriptions]
    .map((subscription) => ({ subscription, song: songs.get(subscription.songId) }))
    .filter((listed) => passes(listed, filter))
    .sort((a, b) => pinnedFirst(a, b) || compare[filter.sort](a, b) || newestFirst(a, b));
}

/**
 * What plays from one of them on (from the first that is known, where none is named).
 *
 * @returns the songs up to the first of which only the id is known yet, the place of that one among them, and the ids of
 * the rest
 */
export function playableFrom(listed: readonly Listed[], songId?: string) {
  const isStart = ({ subscription, song }: Listed) =>
    isKnown(song) && (songId === undefined || subscription.songId === songId);
  const start = listed.findIndex(isStart);
  const unknown = listed.findIndex(({ song }, index) => index > start && song === undefined);
  const end = unknown < 0 ? listed.length : unknown;
  const songs = listed.slice(0, end).flatMap(({ song }) => (isKnown(song) ? song : []));
  const song = listed[start]?.song;
  return {
    songs,
    first: isKnown(song) ? songs.indexOf(song) : -1,
    rest: listed.slice(end).map(({ subscription }) => subscription.songId),
  };
}

/** All tags in use, in alphabetical order. */
export const tagsOf = (subscriptions: Iterable<Subscription>): string[] =>
  [...new Set([...subscriptions].flatMap(({ tags }) => tags))].sort(collator.compare);

function passes({ subscription, song }: Listed, { text, tag, rating }: Filter): boolean {
  if (tag && !subscription.tags.includes(tag)) return false;
  if ((subscription.rating ?? 0) < rating) return false;
  return fold(textOf(song, subscription)).includes(fold(text));
}

const textOf = (song: SongEntry | undefined, { tags }: Subscription): string =>
  isKnown(song)
    ? [song.title, song.artist, ...song.artists.map(({ name }) => name), song.album, ...tags].join("\n")
    : tags.join("\n");

export const isKnown = (song: SongEntry | undefined): song is Song =>
  song !== undefined && song !== "missing";

const newestFirst = (a: Listed, b: Listed): number =>
  b.subscription.subscribedAt.localeCompare(a.subscription.subscribedAt) ||
  a.subscription.songId.localeCompare(b.subscription.songId);
const pinnedFirst = (a: Listed, b: Listed): number =>
  Number(b.subscription.pinned) - Number(a.subscription.pinned);
const by =
  (field: "title" | "artist") =>
  (a: Listed, b: Listed): number =>
    collator.compare(sortTextOf(a.song, field), sortTextOf(b.song, field));

/** Under their sort names, where they have some; songs that are not known yet come last. */
const sortTextOf = (song: SongEntry | undefined, field: "title" | "artist"): string =>
  isKnown(song) ? (song.sortNames?.[field] ?? song[field]) : "\uffff";

const compare: Record<SortBy, (a: Listed, b: Listed) => number> = {
  newest: newestFirst,
  title: by("title"),
  artist: by("artist"),
  rating: (a, b) => (b.subscription.rating ?? 0) - (a.subscription.rating ?? 0),
};
