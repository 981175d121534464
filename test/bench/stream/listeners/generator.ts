import { Agent } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { serve } from "../../support/rpc.ts";
import { usage } from "../../support/usage.ts";
import { createListener, type Listener, type Told } from "./listener.ts";

/** Listeners without number, in a process of their own, so that their work is not the server's. */
export type Audience = {
  readonly songs: readonly string[];
  /** What each of them shows. */
  readonly headers: readonly Readonly<Record<string, string>>[];
  /** Over how much time they come. */
  readonly arrivalMs: number;
};

const tickMs = 50;
const agent = new Agent({ keepAlive: true });
let listeners: Listener[] = [];
let clock: NodeJS.Timeout | undefined;
let latestTickMs = 0;

function startClock(): void {
  let last = performance.now();
  latestTickMs = 0;
  clock = setInterval(() => {
    const now = performance.now();
    latestTickMs = Math.max(latestTickMs, now - last - tickMs);
    for (const listener of listeners) listener.tick(now - last);
    last = now;
  }, tickMs);
}

serve({
  /** Resolves when all have come. */
  async come({ songs, headers, arrivalMs }: Audience) {
    startClock();
    const began = performance.now();
    for (const [at, own] of headers.entries()) {
      const early = began + (at * arrivalMs) / headers.length - performance.now();
      if (early > 0) await wait(early);
      const first = at % songs.length;
      const playlist = [...songs.slice(first), ...songs.slice(0, first)];
      listeners.push(createListener({ agent, songs: playlist, headers: own }));
    }
  },
  /** Whether each has had a byte, or a failure. */
  haveBegun: () => listeners.every(({ told }) => told.receivedBytes > 0 || told.failures > 0),
  told: (): readonly Told[] => listeners.map((listener) => listener.told),
  /** How late the clock was at worst: what it was late, nobody could hear. */
  latestTickMs: () => latestTickMs,
  leave() {
    clearInterval(clock);
    for (const listener of listeners) listener.leave();
    listeners = [];
  },
  ...usage,
});
