import { basename } from "node:path";

/** One function, called from its parent: V8 has merged equal stacks into a tree. */
export type ProfileNode = {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    /** Empty for V8's own work. */
    readonly url: string;
    /** From 0; -1 where there is none. */
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
};

/** A `.cpuprofile` as Node.js writes it (Chrome DevTools Protocol, Profiler.Profile). Times in microseconds. */
export type CpuProfile = {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  /** Which function ran at each sample, by its node's id. */
  readonly samples: readonly number[];
  /** How long after the one before each sample was taken. */
  readonly timeDeltas: readonly number[];
};

/** What was sampled between two moments of the monotonic clock, in microseconds. */
export function between(profile: CpuProfile, startTime: number, endTime: number): CpuProfile {
  let now = profile.startTime;
  const kept = profile.timeDeltas.flatMap((delta, at) => {
    now += delta;
    return now >= startTime && now <= endTime ? [{ delta, id: profile.samples[at] ?? 0 }] : [];
  });
  return {
    nodes: profile.nodes,
    startTime,
    endTime,
    samples: kept.map(({ id }) => id),
    timeDeltas: kept.map(({ delta }) => delta),
  };
}

/** Files named from the project's folder or their package on, so that nothing tells where the project lies. */
export const withoutFolders = (profile: CpuProfile, projectUrl: string): CpuProfile => ({
  ...profile,
  nodes: profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber }, children }) => ({
    id,
    callFrame: { functionName, url: fileName(url, projectUrl), lineNumber },
    ...(children && { children }),
  })),
});

function fileName(url: string, projectUrl: string): string {
  const inPackage = url.lastIndexOf("/node_modules/");
  if (inPackage >= 0) return url.slice(inPackage + 1);
  if (url.startsWith(projectUrl)) return url.slice(projectUrl.length);
  return url.startsWith("node:") ? url : basename(url);
}
