import { describe, expect, it } from "vitest";
import { createCatalogueBroadcast } from "../../../server/live/catalogue-broadcast.ts";
import type { ClientConnection } from "../../../server/live/client-connection.ts";

/** Sessions that only keep what they are told, and pauses that end when the test says so. */
function open(names: readonly string[], atOnce = 200) {
  const told: string[] = [];
  const pauses: { ms: number; end: () => void }[] = [];
  const connections = names.map(
    (name) => ({ connectionId: name, device: { id: name, name } }) as ClientConnection,
  );
  const broadcast = createCatalogueBroadcast(
    {
      connections: () => connections,
      send: ({ connectionId }, text) => told.push(`${connectionId} ${text}`),
    },
    { atOnce, pause: (ms) => new Promise<void>((end) => pauses.push({ ms, end })) },
  );
  /** Lets the pause under way end. @returns how long it was */
  const endPause = async () => {
    const { ms, end } = pauses.shift() ?? { ms: 0, end: () => {} };
    end();
    await settled();
    return ms;
  };
  return { broadcast, connections, told, endPause };
}
const settled = () => new Promise((done) => setImmediate(done));
const saying = (...changed: string[]) => `a ${JSON.stringify({ type: "catalogue", changed })}`;

describe("A change of the catalogue", () => {
  it("is told at once, and what follows in the same second as one message", async () => {
    const { broadcast, told, endPause } = open(["a"]);
    broadcast.changed("s1");
    await settled();
    expect(told).toEqual([saying("s1")]);
    for (const songId of ["s2", "s3", "s2"]) broadcast.changed(songId);
    await settled();
    expect(told).toHaveLength(1);
    expect(await endPause()).toBe(1_000);
    expect(told.slice(1)).toEqual([saying("s2", "s3")]);
  });

  it("of very many songs is two messages, the second of which names none", async () => {
    const { broadcast, told, endPause } = open(["a"]);
    for (let n = 0; n < 5; n++) broadcast.changed(`s${n}`);
    await settled();
    for (let n = 0; n < 10_000; n++) broadcast.changed(`t${n}`);
    await endPause();
    await endPause();
    expect(told).toEqual([saying("s0", "s1", "s2", "s3", "s4"), 'a {"type":"catalogue","changed":"many"}']);
  });

  it("is told to some connections at a time, and what comes meanwhile in the next round", async () => {
    const { broadcast, told, endPause } = open(["a", "b", "c"], 2);
    broadcast.changed("s1");
    await settled();
    expect(told.map((text) => text[0])).toEqual(["a", "b"]);
    broadcast.changed("s2");
    expect(await endPause()).toBe(100);
    expect(told.slice(2)).toEqual(['c {"type":"catalogue","changed":["s1"]}']);
    expect(await endPause()).toBe(1_000);
    expect(told[3]).toBe(saying("s2"));
  });

  it("is not told to who has not said hello, nor after the end", async () => {
    const { broadcast, connections, told, endPause } = open(["a", "b"], 1);
    Object.assign(connections[0] ?? {}, { device: undefined });
    broadcast.changed("s1");
    await settled();
    expect(told.map((text) => text[0])).toEqual(["b"]);
    broadcast.changed("s2");
    broadcast.stop();
    await endPause();
    expect(told).toHaveLength(1);
  });
});
