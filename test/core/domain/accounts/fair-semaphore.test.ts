import { expect, it } from "vitest";
import {
  createFairSemaphore,
  type FairSemaphoreLimits,
} from "../../../../core/domain/accounts/fair-semaphore.ts";
import { createPasswordHasher, hashingLimits } from "../../../../core/domain/accounts/passwords.ts";
import { fastScrypt } from "../../../support/accounts.ts";

/** A semaphore whose work ends when the test says so. */
function scene(limits: FairSemaphoreLimits) {
  const run = createFairSemaphore(limits);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  /** Begins work named `<key><number>`; what comes of it. */
  const begin = (name: string, signal?: AbortSignal) =>
    run({ key: name.charAt(0), signal }, () => {
      started.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    }).catch((error: { kind?: string }) => String(error.kind));
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise(setImmediate);
  };
  return { started, begin, end };
}

it("Keys take turns, whoever brought more", async () => {
  const { started, begin, end } = scene({ width: 1, queue: 10, queuePerKey: 10 });
  for (const name of ["a1", "a2", "a3", "a4", "b1", "b2", "c1"]) void begin(name);
  for (let at = 0; at < 7; at++) await end(String(started.at(-1)));
  expect(started).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
});

it("One key has so many in line, and is told; others still come", async () => {
  const { started, begin, end } = scene({ width: 1, queue: 10, queuePerKey: 2 });
  void begin("a1");
  void begin("a2");
  void begin("a3");
  expect(await begin("a4")).toBe("too-many-requests");
  void begin("b1");
  await end("a1");
  await end("a2");
  expect(started).toEqual(["a1", "a2", "b1"]);
});

it("Where the queue is full, who has most in it makes room for who has less", async () => {
  const { begin, end, started } = scene({ width: 1, queue: 4, queuePerKey: 4 });
  const results = ["a1", "a2", "a3", "a4", "a5"].map((name) => begin(name));
  const newcomers = ["b1", "c1"].map((name) => begin(name));
  expect(await Promise.all(results.slice(3))).toEqual(["unavailable", "unavailable"]);
  expect(await begin("a6")).toBe("unavailable");
  for (let at = 0; at < 5; at++) await end(String(started.at(-1)));
  expect(await Promise.all(newcomers)).toEqual(["b1", "c1"]);
});

it("Work whose caller leaves is dropped, and its place in line is free", async () => {
  const { started, begin, end } = scene({ width: 1, queue: 1, queuePerKey: 1 });
  void begin("a1");
  const caller = new AbortController();
  const dropped = begin("b1", caller.signal);
  caller.abort();
  expect(await dropped).toBe("unavailable");
  expect(await begin("b2", caller.signal)).toBe("unavailable");
  void begin("c1");
  await end("a1");
  await end("c1");
  expect(await Promise.race([begin("d1"), Promise.resolve("waits or runs")])).toBe("waits or runs");
  expect(started).toEqual(["a1", "c1", "d1"]);
});

it("A place is free again after work that fails", async () => {
  const run = createFairSemaphore({ width: 1, queue: 1, queuePerKey: 1 });
  const fails = run({ key: "a" }, () => Promise.reject(new Error("no")));
  await expect(fails).rejects.toThrow("no");
  expect(await run({ key: "a" }, async () => "done")).toBe("done");
});

it("An address with hundreds of passwords in flight keeps nobody else from being heard", async () => {
  const passwords = createPasswordHasher(fastScrypt);
  const stored = await passwords.hash("a battery and a staple");
  const order: string[] = [];
  const verify = (key: string) =>
    passwords.verify("a battery and a staple", stored, { key }).then(
      () => order.push(key),
      () => {},
    );
  const flood = Array.from({ length: 300 }, () => verify("flood"));
  await Promise.all([verify("somebody"), ...flood]);
  // Begun behind what ran already and one more in turn; threads may end a few others before it, but not the line.
  expect(order.indexOf("somebody")).toBeLessThan(hashingLimits.queuePerKey / 2);
  expect(order).toHaveLength(hashingLimits.width + hashingLimits.queuePerKey + 1);
});
