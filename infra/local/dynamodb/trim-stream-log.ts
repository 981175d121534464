import type { Level } from "./level/level.ts";
import { startOfNext, timeOfSequence } from "./sequence.ts";

/** As long as DynamoDB keeps stream records, whatever the consumers did. */
const retentionMs = 24 * 60 * 60 * 1000;
/** Records that are removed at once. */
const batchSize = 200;
const prefix = "stream~";
const end = "stream~\x7f";

/**
 * Removes the stream records that are a day old, in batches. Within a shard and a start of the engine the oldest come
 * first, so that those which stay are not read.
 */
export async function trimStreamLog(db: Level, signal: AbortSignal): Promise<void> {
  const oldest = Date.now() - retentionMs;
  let from = prefix;
  while (!signal.aborted) {
    const old: string[] = [];
    let next = end;
    for await (const [key] of db.entries({ gt: from, lt: end, limit: batchSize })) {
      const { shard, sequence } = split(key);
      const isOld = timeOfSequence(sequence) < oldest;
      next = isOld ? key : `${shard}${startOfNext(sequence)}`;
      if (!isOld) break;
      old.push(key);
    }
    if (old.length > 0) await db.batch(old.map((key) => ({ type: "del", key })));
    if (next === end) return;
    from = next;
  }
}

function split(key: string): { readonly shard: string; readonly sequence: string } {
  const at = key.lastIndexOf("~") + 1;
  return { shard: key.slice(0, at), sequence: key.slice(at) };
}
