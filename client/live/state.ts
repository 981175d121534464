import type { LiveTransports } from "../../core/contract/live.ts";
import type { FinalReason } from "./ending.ts";

export type Transport = LiveTransports["transports"][number];

/**
 * The state of a live client. `waiting` connects again at `retryAt` (milliseconds of the clock), or at once when it is
 * woken.
 */
export type LiveState =
  | { readonly kind: "stopped"; readonly reason: "not-started" | "left" | FinalReason }
  | { readonly kind: "connecting"; readonly transport?: Transport["kind"]; readonly attempt: number }
  | { readonly kind: "live"; readonly transport: Transport["kind"]; readonly connectionId: string }
  | { readonly kind: "waiting"; readonly attempt: number; readonly retryAt: number };
