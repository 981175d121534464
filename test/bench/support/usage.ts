/** Milliseconds that all processes of a machine agree on. */
export const wallMs = (): number => performance.timeOrigin + performance.now();

/** What a process uses; handlers for every host. */
export const usage = {
  cpuMs(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  /** After the collector has run, since what it has not got to yet is nobody's. */
  rssBytes(): number {
    globalThis.gc?.();
    globalThis.gc?.();
    return process.memoryUsage.rss();
  },
};
