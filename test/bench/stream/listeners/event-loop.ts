import type { Figures } from "../../support/figures.ts";

/** Prometheus's name for how long a timer of 10 ms really took; it counts anew from each reading on. */
const delay = /^nodejs_eventloop_lag_p99_seconds ([\d.e-]+)$/m;

/** How busy the event loop of the busiest process was since the last reading; nothing where there is no process. */
export async function eventLoopFigures(managementAddresses: readonly string[]): Promise<Figures> {
  if (managementAddresses.length === 0) return {};
  const seconds = await Promise.all(
    managementAddresses.map(async (address) => {
      const text = await (await fetch(`${address}/metrics`)).text();
      return Number(delay.exec(text)?.[1] ?? Number.NaN);
    }),
  );
  return { "a timer of 10 ms, p99, ms": Math.max(...seconds) * 1000 };
}
