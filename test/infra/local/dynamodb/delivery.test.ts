import type { DynamoDBRecord } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { deliver, deliveryOptions } from "../../../../infra/local/dynamodb/delivery.ts";
import type { DeliveryOptions, StreamHandler } from "../../../../infra/local/dynamodb/streams.ts";

const record = (number: string): DynamoDBRecord => ({ dynamodb: { SequenceNumber: number } });
const numberOf = ({ dynamodb }: DynamoDBRecord): string => dynamodb?.SequenceNumber ?? "";
const numbersOf = (records: readonly DynamoDBRecord[]): string => records.map(numberOf).join("");

/** Delivers `abc…` to a handler; tells the batches it was invoked with, the checkpoints and what was given up. */
async function run(
  letters: string,
  handler: (batch: string) => ReturnType<StreamHandler>,
  options: Partial<DeliveryOptions> = {},
  signal = new AbortController().signal,
) {
  const invoked: string[] = [];
  const checkpoints: string[] = [];
  const givenUp: string[] = [];
  await deliver(
    [...letters].map(record),
    async ({ Records }) => {
      invoked.push(numbersOf(Records));
      return handler(numbersOf(Records));
    },
    deliveryOptions({
      backoffMs: 0,
      maximumRetryAttempts: 2,
      bisectBatchOnFunctionError: false,
      onFailure: (records) => void givenUp.push(numbersOf(records)),
      ...options,
    }),
    async (done) => void checkpoints.push(numberOf(done)),
    signal,
  );
  return { invoked, checkpoints, givenUp };
}

const failed = (...letters: string[]) => ({
  batchItemFailures: letters.map((itemIdentifier) => ({ itemIdentifier })),
});
const failOn = (poison: string) => async (batch: string) => {
  if (batch.includes(poison)) throw new Error("poison");
};

describe("a batch", () => {
  test("that succeeds is delivered once", async () => {
    expect(await run("abc", async () => {})).toEqual({ invoked: ["abc"], checkpoints: ["c"], givenUp: [] });
    expect(await run("abc", async () => failed())).toMatchObject({ invoked: ["abc"], checkpoints: ["c"] });
  });

  test("that fails is tried again as a whole, and given up after its tries", async () => {
    expect(await run("abc", failOn("b"))).toEqual({
      invoked: ["abc", "abc", "abc"],
      checkpoints: ["c"],
      givenUp: ["abc"],
    });
  });

  test("that fails at first is delivered by the retry", async () => {
    let tries = 0;
    const flaky = async () => {
      if (tries++ === 0) throw new Error("once");
    };
    expect(await run("ab", flaky)).toEqual({ invoked: ["ab", "ab"], checkpoints: ["b"], givenUp: [] });
  });

  test("without a limit of tries is tried until the consumer stops, and not checkpointed", async () => {
    const stopping = new AbortController();
    let tries = 0;
    const hopeless = async () => {
      if (++tries === 50) stopping.abort();
      throw new Error("hopeless");
    };
    const outcome = await run("a", hopeless, { maximumRetryAttempts: -1 }, stopping.signal);
    expect(outcome).toMatchObject({ checkpoints: [], givenUp: [] });
    expect(outcome.invoked).toHaveLength(50);
  });
});

describe("partial failure", () => {
  test("goes on from the lowest record reported", async () => {
    let tries = 0;
    const partial = async () => (tries++ === 0 ? failed("d", "c") : undefined);
    expect(await run("abcd", partial)).toEqual({
      invoked: ["abcd", "cd"],
      checkpoints: ["b", "d"],
      givenUp: [],
    });
  });

  test("with an identifier that is not in the batch fails all of it", async () => {
    let tries = 0;
    const confused = async () => (tries++ === 0 ? failed("z") : undefined);
    expect(await run("ab", confused)).toMatchObject({ invoked: ["ab", "ab"], checkpoints: ["b"] });
  });

  test("begins its tries anew where it got further", async () => {
    const stuck = async (batch: string) => failed(batch.charAt(1) || batch.charAt(0));
    expect(await run("abc", stuck)).toEqual({
      invoked: ["abc", "bc", "c", "c", "c"],
      checkpoints: ["a", "b", "c"],
      givenUp: ["c"],
    });
  });
});

describe("halving", () => {
  const halving = { bisectBatchOnFunctionError: true };

  test("gives up the poison record alone, and delivers its neighbours in order", async () => {
    const outcome = await run("abcdefgh", failOn("f"), halving);
    expect(outcome.givenUp).toEqual(["f"]);
    expect(outcome.checkpoints).toEqual(["d", "e", "f", "h"]);
    expect(outcome.invoked.filter((batch) => batch === "f")).toHaveLength(3);
  });

  test("works together with partial failure", async () => {
    const partial = async (batch: string) => (batch.includes("c") ? failed("c") : undefined);
    expect(await run("abcd", partial, halving)).toEqual({
      invoked: ["abcd", "cd", "c", "c", "c", "d"],
      checkpoints: ["b", "c", "d"],
      givenUp: ["c"],
    });
  });
});

test("faults show the handler other records than there are, and the checkpoint stays true", async () => {
  const doubled = async (records: readonly DynamoDBRecord[]) => [...records, ...records];
  expect(await run("ab", async () => {}, { faults: doubled })).toEqual({
    invoked: ["abab"],
    checkpoints: ["b"],
    givenUp: [],
  });
});

test("the wait between tries doubles up to its maximum", async () => {
  const started = performance.now();
  await run("a", failOn("a"), { backoffMs: 20, maximumBackoffMs: 30, maximumRetryAttempts: 3 });
  const elapsed = performance.now() - started;
  expect(elapsed).toBeGreaterThanOrEqual(75);
});
