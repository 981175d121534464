import { setTimeout as pause } from "node:timers/promises";

const baseMs = 10;
const capMs = 500;

/** Waits before try number 1, 2, … with full jitter, so that those who collided do not collide again. */
export const backoff = (attempt: number): Promise<void> =>
  pause(Math.random() * Math.min(capMs, baseMs * 2 ** attempt));
