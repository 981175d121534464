import { describe, expect, it } from "vitest";
import { between, type CpuProfile, withoutFolders } from "./cpu-profile.ts";
import { flameGraph } from "./flame-graph.ts";

const project = "file:///home/someone/encore/";
const call = (id: number, functionName: string, url: string, children: readonly number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: url ? 9 : -1 },
  children,
});

/** A sample every 100 µs: four in `send`, three in what it calls, one in the collector, two idle. */
const profile: CpuProfile = {
  nodes: [
    call(1, "(root)", "", [2, 4, 5]),
    call(2, "send", `${project}server/delivery/send.ts`, [3]),
    call(3, "Map<string>", "file:///home/someone/encore/node_modules/a/node_modules/b/index.js"),
    call(4, "(garbage collector)", ""),
    call(5, "(idle)", ""),
  ],
  startTime: 1_000,
  endTime: 2_000,
  samples: [2, 2, 2, 2, 3, 3, 3, 4, 5, 5],
  timeDeltas: [100, 100, 100, 100, 100, 100, 100, 100, 100, 100],
};

describe("A flame graph", () => {
  const svg = flameGraph("Ranges & more", withoutFolders(profile, project));

  it("shows each function as wide as its part of the time at work", () => {
    expect(svg).toContain("Ranges &amp; more; 8 samples at work, 20 % idle beside");
    expect(svg).toContain("<title>send server/delivery/send.ts:10, 87.5 %</title>");
    expect(svg).toMatch(/<title>send [^<]*<\/title><rect x="0\.0" y="\d+" width="1050\.0"/);
    expect(svg).toMatch(
      /<title>\(garbage collector\), 12\.5 %<\/title><rect x="1050\.0" y="\d+" width="150\.0"/,
    );
    expect(svg).not.toContain("(idle)");
  });

  it("names files from the project or the package on", () => {
    expect(svg).toContain("<title>Map&lt;string&gt; node_modules/b/index.js:10, 37.5 %</title>");
    expect(svg).not.toMatch(/someone|file:/);
  });
});

it("leaves out what was sampled before and after", () => {
  const cut = between(profile, 1_500, 1_800);
  expect(cut.samples).toEqual([3, 3, 3, 4]);
  expect([cut.startTime, cut.endTime]).toEqual([1_500, 1_800]);
});
