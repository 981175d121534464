import type { LiveWorld } from "../../support/live-world.ts";
import { createRandom } from "../../support/random.ts";
import { until } from "../../support/until.ts";
import { makeBatch, play } from "./batch.ts";
import { converse } from "./conversation.ts";
import { createDice, type Dice } from "./dice.ts";
import { damagedHandshake } from "./handshakes.ts";
import { type EndpointKind, endpointRules } from "./oracle.ts";
import { createTally, type Tally } from "./tally.ts";
import { openWitness } from "./witness.ts";

export type FuzzedEndpoint = {
  readonly kind: EndpointKind;
  readonly url: string;
  /** How many connections the endpoint holds just now. */
  readonly connections: () => number;
};

export type FuzzOptions = {
  readonly seed: number;
  readonly frames: number;
  readonly lanes?: number;
  /** Ends the run before all frames are sent; what was sent is checked all the same. */
  readonly signal?: AbortSignal;
  /** Called now and then. */
  readonly onProgress?: (tally: Tally) => void;
};

const maxFaults = 20;
/** An access token lives for ten minutes. */
const sessionMs = 5 * 60_000;

/**
 * Sends random and damaged frames at an endpoint over several connections, each replaced when it ends, while another
 * user's device must go on as ever. What was sent is a function of the seed, for each lane. Afterwards nothing of the
 * connections may be left, at the endpoint or in the table.
 */
export async function fuzzEndpoint(
  world: LiveWorld,
  endpoint: FuzzedEndpoint,
  options: FuzzOptions,
): Promise<Tally> {
  const { seed, frames, lanes = 6, signal } = options;
  const tally = createTally();
  const witness = await openWitness(world, endpoint.url);
  const others = endpoint.connections();
  let batches = 0;
  let look = Promise.resolve();
  const afterBatch = async (): Promise<void> => {
    if (++batches % 100 > 0) return;
    look = look.then(() => witness.look()).catch((error) => void tally.faults.push(String(error)));
    await look;
    options.onProgress?.(tally);
  };
  const more = () => !signal?.aborted && tally.frames < frames && tally.faults.length < maxFaults;
  const users = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => {
      const dice = createDice(createRandom(seed * 1_000 + lane));
      return runLane({ world, endpoint, dice, tally, more, afterBatch, name: `lane ${lane}` });
    }),
  );
  await witness.conclude();
  await until("no fuzzed connection at the endpoint", () => endpoint.connections() === others);
  for (const userId of users)
    await until(
      "no row of theirs",
      async () => (await world.connections.ofUser(userId)).connections.length === 0,
    );
  await witness.close();
  return tally;
}

type Lane = {
  readonly world: LiveWorld;
  readonly endpoint: FuzzedEndpoint;
  readonly dice: Dice;
  readonly tally: Tally;
  readonly more: () => boolean;
  readonly afterBatch: () => Promise<void>;
  readonly name: string;
};

/** @returns whose connections they were */
async function runLane({ world, endpoint, dice, tally, more, afterBatch, name }: Lane): Promise<string> {
  const user = await world.newUser();
  let { token } = user;
  let since = performance.now();
  while (more()) {
    if (performance.now() - since > sessionMs) {
      ({ token } = await world.newSession(user));
      since = performance.now();
    }
    if (dice.chance(0.1)) await tryHandshake(dice, endpoint.url, token, tally);
    const describe = `${name}, connection ${tally.connections}`;
    const conversation = await converse(endpoint.url, token, tally);
    let introduced = false;
    for (let goesOn = true; goesOn && more(); ) {
      const batch = makeBatch(dice, endpointRules[endpoint.kind], introduced);
      introduced = batch.introduced;
      goesOn = await play(conversation, batch, { dice, tally, describe });
      await afterBatch();
    }
    conversation.socket.destroy();
  }
  return user.userId;
}

async function tryHandshake(dice: Dice, url: string, token: string, tally: Tally): Promise<void> {
  tally.handshakes++;
  const status = await damagedHandshake(dice, url, token);
  if (status >= 500) tally.faults.push(`a handshake was answered with ${status}`);
}
