import type { DynamoDBStreamEvent } from "aws-lambda";
import { toStreamRecord } from "../../../core/aws/stream-records.ts";
import type { PlaybackState } from "../../../core/contract/live.ts";
import type { Change } from "../../../core/contract/subscriptions.ts";
import { playbackSortKey } from "../../../core/domain/live/push/push-event.ts";
import { type HeadRow, headSortKey } from "../../../core/domain/subscriptions/head.ts";

/** One committed write of a user's head. */
export type Commit = {
  readonly epoch: string;
  readonly revision: number;
  readonly changeId: string;
  readonly change: Change;
};

/** Everything that was committed, in the order of the table's stream: what the oracle goes by. */
export type Recorder = {
  commits(userId: string): readonly Commit[];
  playbacks(userId: string): readonly PlaybackState[];
  /** A stream handler that fails never. */
  record(event: DynamoDBStreamEvent): Promise<void>;
};

export function createRecorder(): Recorder {
  const commits = new Map<string, Commit[]>();
  const playbacks = new Map<string, PlaybackState[]>();
  const append = <T>(lists: Map<string, T[]>, userId: string, item: T): void => {
    const list = lists.get(userId) ?? [];
    lists.set(userId, list);
    list.push(item);
  };
  return {
    commits: (userId) => commits.get(userId) ?? [],
    playbacks: (userId) => playbacks.get(userId) ?? [],
    async record({ Records }) {
      for (const { after } of Records.map(toStreamRecord)) {
        if (after?.sk === headSortKey) recordHead(after as unknown as HeadRow);
        if (after?.sk === playbackSortKey)
          append(playbacks, String(after.userId), after.state as PlaybackState);
      }
    },
  };

  function recordHead({ userId, epoch, headRevision, last, changeIds, closed }: HeadRow): void {
    if (!last || closed) return;
    const changeId = changeIds.at(-1) ?? "";
    append(commits, userId, { epoch, revision: headRevision, changeId, change: last });
  }
}
