/** What a process uses, after the collector has run. */
export type Usage = { readonly rssBytes: number; readonly cpuMs: number };

export function usage(): Usage {
  globalThis.gc?.();
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  return { rssBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 };
}

/** Milliseconds that all processes of a machine agree on. */
export const wallMs = (): number => performance.timeOrigin + performance.now();
