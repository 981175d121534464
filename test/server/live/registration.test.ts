import { expect, it } from "vitest";
import { leaseMs, renewEveryMs } from "../../../core/domain/live/cluster/leases.ts";
import type { Endpoint } from "../../../core/domain/live/cluster/ports.ts";
import { createRegistration } from "../../../server/live/registration.ts";
import { silent } from "../../support/live-node.ts";

/** A process in a registry that is kept here. */
async function register() {
  const time = { wall: Date.parse("2026-03-01T12:00:00.000Z"), elapsed: 1_000 };
  const rows = new Map<string, Endpoint>();
  const leases: (number | undefined)[] = [];
  let lost = 0;
  const registration = createRegistration({
    endpoints: {
      put: async (endpoint) => void rows.set(endpoint.endpointId, endpoint),
      renew: async (endpointId, leaseUntil) => {
        leases.push(leaseUntil);
        return rows.has(endpointId);
      },
      delete: async (endpointId) => void rows.delete(endpointId),
    },
    clock: { now: () => new Date(time.wall) },
    elapsedMs: () => time.elapsed,
    log: silent,
    onLost: () => lost++,
  });
  await registration.register("http://127.0.0.1:9090");
  return { time, rows, leases, registration, lost: () => lost };
}

it.each([-3 * 3_600_000, 3 * 3_600_000])(
  "A process goes on under its id when the wall clock moves by %i ms",
  async (change) => {
    const { time, registration, lost } = await register();
    const before = registration.endpointId();
    time.wall += change;
    time.elapsed += renewEveryMs;
    await registration.renew();
    expect([registration.endpointId(), lost()]).toEqual([before, 0]);
  },
);

it("A process that could not renew in time begins again, however little time the wall clock says has passed", async () => {
  const { time, registration, lost } = await register();
  const before = registration.endpointId();
  time.elapsed += leaseMs;
  await registration.renew();
  expect(registration.endpointId()).not.toBe(before);
  expect(lost()).toBe(1);
});

it("Each renewal writes another value than the one before, also where the wall clock stands still", async () => {
  const { leases, registration } = await register();
  for (let renewal = 0; renewal < 3; renewal++) await registration.renew();
  expect(leases.filter((lease, at) => lease !== leases[at - 1])).toHaveLength(3);
});
