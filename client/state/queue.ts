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

/** Fisher and Yates; the current song comes first and plays on. */
function shuffle(queue: Queue, random: () => number): Queue {
  const current = queue.order[queue.at];
  const rest = queue.order.filter((_, place) => place !== queue.at);
  for (let last = rest.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [rest[last], rest[other]] = [rest[other] ?? 0, rest[last] ?? 0];
  }
  return current === undefined ? { ...queue, order: rest } : { ...queue, order: [current, ...rest], at: 0 };
}
