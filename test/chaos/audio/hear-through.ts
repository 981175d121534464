import type { TestUser } from "../../support/listeners.ts";
import { until } from "../../support/until.ts";
import type { Divergence } from "../oracle.ts";
import { hear } from "./listener.ts";
import type { AudioWorld } from "./world.ts";

export type Listening = {
  readonly songId: string;
  readonly user: TestUser;
  readonly content: Buffer;
  /** Bytes a second. */
  readonly pace: number;
  /** The node that is asked first; the other when it breaks off. */
  readonly node: number;
};

const maxAnswers = 200;

/**
 * Hears a song to its end as a player does: when an answer breaks off, it goes on from there at the other node, if the
 * song is still the same.
 */
export async function hearThrough(
  { nodes }: AudioWorld,
  { songId, user, content, pace, node }: Listening,
): Promise<Divergence[]> {
  let heard = 0;
  let etag: string | undefined;
  for (let at = node, answers = 0; heard < content.length; at = 1 - at, answers++) {
    if (answers > maxAnswers) return [`After ${answers} answers ${heard} bytes were heard`];
    await until("a node listens", () => nodes.some((one) => one.port() !== undefined), 30_000);
    const port = nodes[at]?.port();
    if (port === undefined) continue;
    const headers = etag ? { range: `bytes=${heard}-`, "if-range": etag } : {};
    const hearing = hear(port, { songId, user, pace, headers });
    const head = await hearing.head.catch(() => undefined);
    await hearing.over;
    // The node is full, not there, or has no S3 just now: later, or elsewhere.
    if (!head || head.status >= 500) continue;
    if (head.status !== (etag ? 206 : 200)) return [`Answer ${answers} was ${head.status} from ${heard} on`];
    etag ??= head.etag;
    const more = hearing.heard();
    if (!more.equals(content.subarray(heard, heard + more.length)))
      return [`${more.length} bytes from ${heard} on are not the song's`];
    heard += more.length;
  }
  return [];
}
