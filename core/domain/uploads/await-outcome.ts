import type { OpenUpload, UploadStore } from "./ports.ts";

export type OutcomeDeps = {
  readonly uploads: Pick<UploadStore, "get">;
  /** How long one call waits (ms): well below what gateways allow an answer. */
  readonly waitMs: number;
  /** Calls that wait at once; one more is answered at once. */
  readonly maxWaiting: number;
  readonly pause: (ms: number) => Promise<void>;
};

const [firstPauseMs, longestPauseMs] = [20, 500];

/** Looks at an upload's row, at growing intervals, until it is no longer being processed or the wait is over. */
export function createOutcomeWaiter({ uploads, waitMs, maxWaiting, pause }: OutcomeDeps) {
  let waiting = 0;

  async function poll(uploadId: string): Promise<OpenUpload | undefined> {
    const end = performance.now() + (waiting > maxWaiting ? 0 : waitMs);
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const upload = await uploads.get(uploadId);
      if (upload?.state !== "processing" || performance.now() >= end) return upload;
      await pause(pauseMs);
    }
  }
  return async (uploadId: string): Promise<OpenUpload | undefined> => {
    waiting += 1;
    try {
      return await poll(uploadId);
    } finally {
      waiting -= 1;
    }
  };
}
