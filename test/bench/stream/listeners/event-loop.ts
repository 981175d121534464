import type { Figures } from "../../support/figures.ts";

/** Prometheus's name for how long a timer of 10 ms really took; it counts anew from each reading on. */
const delay = /^nodejs_eventloop_lag_p99_seconds ([\d.e-]+)$/m;

/** How busy the event loop of the busiest process was since the last reading; nothing where there is no process. */
export async function eventLoopFigures(managementAddresses: readonly string[]): Promise<Figures> {
  const readings = await Promise.all(managementAddresses.map(readDelay));
  const seconds = readings.filter((reading) => reading !== undefined);
  return seconds.length === 0 ? {} : { "a timer of 10 ms, p99, ms": Math.max(...seconds) * 1000 };
}

/** Undefined for a process that has gone and is still registered. */
async function readDelay(address: string): Promise<number | undefined> {
  const answer = await fetch(`${address}/metrics`).catch(() => undefined);
  const found = answer && delay.exec(await answer.text())?.[1];
  return found ? Number(found) : undefined;
}
