import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAudioInspector } from "../../lambdas/audio/inspect.ts";
import { createDice } from "../chaos/fuzz/dice.ts";
import { createRandom, runSeed } from "../support/random.ts";
import { ownCorpus, type Specimen } from "./corpus.ts";
import { mutate } from "./mutations.ts";
import { runCase } from "./run-case.ts";

const seed = runSeed();
const files = 300;

const inspector = createAudioInspector();
let corpus: Specimen[];
beforeAll(async () => {
  corpus = await ownCorpus();
});
afterAll(() => inspector.close());

/** `npm run fuzz:media` does so with more files, and looks at stalls and memory as well. */
it(`Of ${files} damaged files each is a song or is refused as bad-audio, and none ends anything (SEED=${seed})`, async () => {
  let next = 0;
  const work = async () => {
    for (let number = next++; number < files; number = next++) {
      const dice = createDice(createRandom(seed * 1_000_003 + number));
      const [specimen, other] = [dice.pick(corpus), dice.pick(corpus)];
      const bytes = mutate(specimen.bytes, other.bytes, dice);
      await runCase(inspector, { bytes, isPicture: specimen.isPicture ?? false }).catch((cause: unknown) => {
        throw new Error(`File ${number} of seed ${seed}, made of ${specimen.name}`, { cause });
      });
    }
  };
  await Promise.all([work(), work()]);
}, 120_000);

it("A file whose fragment announces 20 million samples in 2.7 KB is refused for that", async () => {
  const bomb = corpus.find(({ name }) => name.endsWith("frag20000000.m4a"));
  if (!bomb) throw new Error("The case is missing");
  await expect(runCase(inspector, { bytes: bomb.bytes, isPicture: false })).resolves.toBe("refused");
});

it("The function that processes uploads has no parser of audio in its own process, but beside it", async () => {
  const inputsOf = async (entry: string) => {
    const { metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      format: "esm",
      logLevel: "silent",
      external: ["@aws-sdk/*", "@smithy/*", "wasm-vips"],
    });
    return Object.keys(metafile.inputs).filter((input) =>
      /node_modules\/(mediabunny|music-metadata)\//.test(input),
    );
  };
  expect(await inputsOf("lambdas/entries/process-uploads.ts")).toEqual([]);
  expect(await inputsOf("lambdas/audio/inspect-process.ts")).not.toEqual([]);
});
