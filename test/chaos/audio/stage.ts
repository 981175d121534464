import type { PlanName } from "../../../core/contract/accounts.ts";
import type { TestUser } from "../../support/listeners.ts";
import { createRandom } from "../../support/random.ts";
import { until } from "../../support/until.ts";
import type { Divergence } from "../oracle.ts";
import type { AudioDefence } from "./defences.ts";
import { type Hearing, type HearOptions, hear } from "./listener.ts";
import type { AudioWorld } from "./world.ts";

/** One promise about audio, and what is done to break it. */
export type AudioScenario = {
  /** The promise, as a sentence. */
  readonly name: string;
  /** Without this the promise does not hold. */
  readonly defence: AudioDefence;
  /** @returns where promise and product differ */
  readonly play: (stage: AudioStage) => Promise<readonly Divergence[]>;
};

export type AudioStage = ReturnType<typeof openAudioStage>;

function openAudioStage(world: AudioWorld, seed: number) {
  const hearings: Hearing[] = [];
  return {
    world,
    seed,
    random: createRandom(seed),
    newUser: (plan: PlanName = "hifi"): Promise<TestUser> => world.listeners.newUser({ plan }),
    /** Listens at a node, once it is there. */
    async hear(node: number, options: HearOptions): Promise<Hearing> {
      await until(`node ${node} listens`, () => world.nodes[node]?.port() !== undefined);
      const hearing = hear(world.nodes[node]?.port() ?? 0, options);
      hearings.push(hearing);
      return hearing;
    },
    flows: (hearing: Hearing): Promise<void> => until("it is heard", () => hearing.heard().length > 0),
    /** Told as a divergence where it does not come true. */
    comesTrue: (what: string, condition: () => boolean | Promise<boolean>, withinMs = 5_000) =>
      until(what, condition, withinMs).then(
        () => [] as Divergence[],
        () => [`It did not come true that ${what}`],
      ),
    /** What was heard is the song from `start` on, to its end where the answer ended well. */
    judge(hearing: Hearing, content: Buffer, start = 0): Divergence[] {
      const heard = hearing.heard();
      const isTrue = heard.equals(content.subarray(start, start + heard.length));
      return isTrue ? [] : [`${heard.length} bytes from ${start} on are not the song's`];
    },
    async close(): Promise<void> {
      world.heal();
      for (const hearing of hearings) hearing.leave();
      await Promise.all(hearings.map(({ over }) => over));
    },
  };
}

/** Plays a scenario in a world. */
export async function playAudio(
  world: AudioWorld,
  scenario: AudioScenario,
  seed: number,
): Promise<readonly Divergence[]> {
  const stage = openAudioStage(world, seed);
  try {
    return await scenario.play(stage);
  } finally {
    await stage.close();
  }
}
