import { describe, expect, it } from "vitest";
import {
  createLeases,
  leaseMs,
  leaseSlackMs,
  renewEveryMs,
} from "../../../../../core/domain/live/cluster/leases.ts";

const hour = 3_600_000;
const enough = leaseMs + leaseSlackMs;

/** A process that judges leases, by two clocks that a test turns. */
function createJudge() {
  const time = { wall: Date.parse("2026-03-01T12:00:00.000Z"), elapsed: 1_000 };
  const leases = createLeases({
    clock: { now: () => new Date(time.wall) },
    elapsedMs: () => time.elapsed,
  });
  const isAlive = (leaseUntil: number) =>
    leases.isAlive({ endpointId: "node", kind: "node", address: "http://10.0.0.7:9090", leaseUntil });
  const pass = (ms: number) => {
    time.wall += ms;
    time.elapsed += ms;
  };
  return { time, pass, isAlive };
}

describe("A lease", () => {
  it("that was never seen before runs by the wall clock, with some slack", () => {
    const { time, isAlive } = createJudge();
    expect(isAlive(time.wall - leaseSlackMs + 1)).toBe(true);
    expect(createJudge().isAlive(time.wall - leaseSlackMs)).toBe(false);
  });

  it("of a process that died before the clock was set back is over in half a minute, not in hours", () => {
    const { time, pass, isAlive } = createJudge();
    const leaseUntil = time.wall + leaseMs;
    time.wall -= 3 * hour;
    expect(isAlive(leaseUntil)).toBe(true);
    pass(enough - 1);
    expect(isAlive(leaseUntil)).toBe(true);
    pass(1);
    expect(isAlive(leaseUntil)).toBe(false);
  });

  it.each([
    ["forth", hour],
    ["back", -hour],
  ])("that is seen renewed runs although the judge's clock goes %s by hours", (_, change) => {
    const { time, pass, isAlive } = createJudge();
    let leaseUntil = time.wall + leaseMs;
    isAlive(leaseUntil);
    time.wall += change;
    for (let renewal = 0; renewal < 5; renewal++) {
      pass(renewEveryMs);
      leaseUntil += renewEveryMs;
      expect(isAlive(leaseUntil)).toBe(true);
    }
    pass(enough);
    expect(isAlive(leaseUntil)).toBe(false);
  });

  it("of an owner whose clock is behind by hours runs from its first renewal on", () => {
    const { time, pass, isAlive } = createJudge();
    isAlive(time.wall - hour);
    pass(renewEveryMs);
    expect(isAlive(time.wall - hour + renewEveryMs)).toBe(true);
  });

  it("that another value was seen of long ago is not taken for renewed just now", () => {
    const { time, pass, isAlive } = createJudge();
    isAlive(time.wall + leaseMs);
    pass(hour);
    expect(isAlive(time.wall - 2 * leaseMs)).toBe(false);
  });
});
