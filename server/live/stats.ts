import type { ByeReason } from "../../core/contract/live.ts";

/** What the hub counts; `metrics.ts` shows it. */
export type HubStats = {
  opened: number;
  received: number;
  sent: number;
  /** Of messages in UTF-8, without the frames around them. */
  sentBytes: number;
  pushes: number;
  readonly ended: Record<ByeReason | "silent", number>;
};

export const createStats = (): HubStats => ({
  opened: 0,
  received: 0,
  sent: 0,
  sentBytes: 0,
  pushes: 0,
  ended: {
    "session-ended": 0,
    draining: 0,
    flood: 0,
    "slow-consumer": 0,
    kicked: 0,
    silent: 0,
    "too-many-connections": 0,
  },
});
