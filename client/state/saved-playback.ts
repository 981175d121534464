import * as Type from "typebox";
import { Value } from "typebox/value";
import { Song } from "../../core/contract/catalogue.ts";
import { createSettings, type Settings } from "../settings.ts";
import type { KeyStorage } from "./change-queue.ts";
import type { Queue } from "./queue.ts";

/** What one user hears in this browser, as it was left. */
export type SavedPlayback = {
  readonly queue: Settings<Queue | undefined>;
  readonly position: Settings<SavedPosition | undefined>;
};

export type SavedPosition = { readonly songId: string; readonly seconds: number };

const Index = Type.Integer({ minimum: 0 });
const SavedQueue = Type.Object({
  songs: Type.Array(Song),
  order: Type.Array(Index),
  at: Index,
  shuffled: Type.Boolean(),
  repeat: Type.Enum(["off", "all", "one"]),
});
const Position = Type.Object({ songId: Type.String(), seconds: Type.Number({ minimum: 0 }) });

const isQueue = (value: unknown): value is Queue =>
  Value.Check(SavedQueue, value) && value.order.every((index) => index < value.songs.length);
const isPosition = (value: unknown): value is SavedPosition => Value.Check(Position, value);

/** Under two keys, since the position changes each second and the queue is long. Of other users nothing stays. */
export function openSavedPlayback(storage: KeyStorage, userId: string): SavedPlayback {
  const [queueKey, positionKey] = [`encore.queue.${userId}`, `encore.position.${userId}`];
  forgetOthers(storage, [queueKey, positionKey]);
  return {
    queue: createSettings<Queue | undefined>(storage, queueKey, undefined, isQueue),
    position: createSettings<SavedPosition | undefined>(storage, positionKey, undefined, isPosition),
  };
}

/** A session may have ended while no page was open that could have forgotten what its user heard. */
function forgetOthers(storage: KeyStorage, own: readonly string[]): void {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
  for (const key of keys)
    if (/^encore\.(queue|position)\./.test(key) && !own.includes(key)) storage.removeItem(key);
}
