import type { Song } from "../../core/contract/catalogue.ts";

export type Repeat = "off" | "all" | "one";

/** What plays and what comes next. `order` holds indices of `songs` in playing order; `at` is a place in it. */
export type Queue = {
  readonly songs: readonly Song[];
  readonly order: readonly number[];
  readonly at: number;
  readonly shuffled: boolean;
  readonly repeat: Repeat;
};

export const emptyQueue: Queue = { songs: [], order: [], at: -1, shuffled: false, repeat: "off" };

export const currentSong = ({ songs, order, at }: Queue): Song | undefined => songs[order[at] ?? -1];

/** The songs still to come, nearest first. */
export const upcoming = ({ songs, order, at }: Queue): Song[] =>
  order.slice(at + 1).flatMap((index) => songs[index] ?? []);

/** Plays these songs from one of them on; shuffle and repeat stay as they are. */
export function startQueue(queue: Queue, songs: readonly Song[], start: number, random: () => number): Queue {
  const order = songs.map((_, index) => index);
  const fresh = { ...queue, songs, order, at: start };
  return queue.shuffled ? shuffle(fresh, random) : fresh;
}

/** @returns the queue one further, or undefined where it ends. `ended`: the song ran out, nobody asked */
export function next(queue: Queue, ended: boolean): Queue | undefined {
  if (ended && queue.repeat === "one") return queue;
  if (queue.at + 1 < queue.order.length) return { ...queue, at: queue.at + 1 };
  return queue.repeat === "off" || queue.order.length === 0 ? undefined : { ...queue, at: 0 };
}

export function previous(queue: Queue): Queue {
  if (queue.at > 0) return { ...queue, at: queue.at - 1 };
  return queue.repeat === "all" ? { ...queue, at: queue.order.length - 1 } : queue;
}

/** More songs of the list that plays; those that are there already are left out. */
export function append(queue: Queue, songs: readonly Song[], random: () => number): Queue {
  const known = new Set(queue.songs.map(({ songId }) => songId));
  const fresh = songs.filter(({ songId }) => !known.has(songId));
  const order = fresh.map((_, index) => queue.songs.length + index);
  const longer = { ...queue, songs: [...queue.songs, ...fresh], order: [...queue.order, ...order] };
  return queue.shuffled ? shuffleUpcoming(longer, random) : longer;
}

/** Without a song; where it is the current one, the next one is, or else the last. */
export function remove(queue: Queue, songId: string): Queue {
  return keep(queue, (song) => song.songId !== songId);
}

/** So many songs around the current one as can be stored: `behind` in playing order, and `ahead`. */
export function around(queue: Queue, behind: number, ahead: number): Queue {
  const places = new Set(queue.order.slice(Math.max(0, queue.at - behind), queue.at + 1 + ahead));
  return keep(queue, (_, index) => places.has(index));
}

function keep({ songs, order, at, ...modes }: Queue, isKept: (song: Song, index: number) => boolean): Queue {
  const indices = songs.flatMap((song, index) => (isKept(song, index) ? index : []));
  const renumbered = new Map(indices.map((old, index) => [old, index]));
  const kept = (places: readonly number[]) => places.flatMap((old) => renumbered.get(old) ?? []);
  const before = kept(order.slice(0, at)).length;
  return {
    ...modes,
    songs: indices.flatMap((index) => songs[index] ?? []),
    order: kept(order),
    at: Math.min(before, indices.length - 1),
  };
}

/** Plays a song after the current one. */
export function enqueueNext(queue: Queue, song: Song): Queue {
  const order = [...queue.order];
  order.splice(queue.at + 1, 0, queue.songs.length);
  return { ...queue, songs: [...queue.songs, song], order, at: Math.max(queue.at, 0) };
}

export function toggleShuffle(queue: Queue, random: () => number): Queue {
  if (!queue.shuffled) return shuffle({ ...queue, shuffled: true }, random);
  const order = queue.songs.map((_, index) => index);
  return { ...queue, shuffled: false, order, at: queue.order[queue.at] ?? -1 };
}

export const nextRepeat = (repeat: Repeat): Repeat =>
  repeat === "off" ? "all" : repeat === "all" ? "one" : "off";

/** The current song comes first and plays on. */
function shuffle(queue: Queue, random: () => number): Queue {
  const current = queue.order[queue.at];
  const rest = queue.order.filter((_, place) => place !== queue.at);
  if (current === undefined) return { ...queue, order: shuffled(rest, random) };
  return { ...queue, order: [current, ...shuffled(rest, random)], at: 0 };
}

/** What has been played stays where it is. */
const shuffleUpcoming = (queue: Queue, random: () => number): Queue => {
  const played = queue.order.slice(0, queue.at + 1);
  return { ...queue, order: [...played, ...shuffled(queue.order.slice(queue.at + 1), random)] };
};

/** Fisher and Yates. */
function shuffled(places: readonly number[], random: () => number): number[] {
  const list = [...places];
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [list[last], list[other]] = [list[other] ?? 0, list[last] ?? 0];
  }
  return list;
}
