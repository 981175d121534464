import type { LiveDoors } from "../../core/contract/live.ts";

export type Door = LiveDoors["doors"][number];

/** Where a live session stands. `waiting` comes back at `retryAt` (ms), or at once when it is woken. */
export type LiveState =
  | { readonly kind: "stopped"; readonly reason: "not-started" | "left" | "session-ended" }
  | { readonly kind: "connecting"; readonly door?: Door["kind"]; readonly attempt: number }
  | { readonly kind: "live"; readonly door: Door["kind"]; readonly connectionId: string }
  | { readonly kind: "waiting"; readonly attempt: number; readonly retryAt: number };
