import { expect, it } from "vitest";
import { createCoverQueue } from "../../client/cover-queue.ts";

function queueOf(limit: number) {
  const queue = createCoverQueue(limit);
  const started: string[] = [];
  const ask = (name: string) => queue.request(() => started.push(name));
  return { ...queue, started, ask };
}

it("Covers load a few at a time, in the order in which they are asked for", () => {
  const { started, ask } = queueOf(2);
  const [first, second] = ["a", "b", "c", "d"].map(ask);
  expect(started).toEqual(["a", "b"]);
  second?.();
  second?.();
  expect(started).toEqual(["a", "b", "c"]);
  first?.();
  expect(started).toEqual(["a", "b", "c", "d"]);
});

it("One that is wanted no more is not loaded, and keeps none from loading", () => {
  const { started, ask } = queueOf(1);
  const [first, second] = ["a", "b", "c"].map(ask);
  second?.();
  expect(started).toEqual(["a"]);
  first?.();
  expect(started).toEqual(["a", "c"]);
});

it("While a song is opened none begins, and all do after it", () => {
  const { started, ask, hold } = queueOf(2);
  const finish = ask("a");
  hold(true);
  ask("b");
  finish();
  expect(started).toEqual(["a"]);
  hold(false);
  expect(started).toEqual(["a", "b"]);
});

it("The same function may be asked for twice", () => {
  const queue = createCoverQueue(2);
  let count = 0;
  const start = () => {
    count += 1;
  };
  queue.request(start);
  queue.request(start);
  expect(count).toBe(2);
});
