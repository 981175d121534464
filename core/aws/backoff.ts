import { setTimeout as pause } from "node:timers/promises";
import { fullJitter } from "../domain/shared/jitter.ts";

const ceiling = { baseMs: 10, capMs: 500 };

/** Waits before try number 1, 2, … with full jitter, so that those who collided do not collide again. */
export const backoff = (attempt: number): Promise<void> => pause(fullJitter(ceiling, attempt));
