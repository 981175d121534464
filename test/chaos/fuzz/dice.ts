/** Choices of a random source. */
export type Dice = ReturnType<typeof createDice>;

export function createDice(random: () => number) {
  /** A whole number of at least 0 and below `below`. */
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    below,
    between: (from: number, to: number): number => from + below(to - from + 1),
    chance: (probability: number): boolean => random() < probability,
    pick: <T>(from: readonly T[]): T => from[below(from.length)] as T,
    bytes: (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, () => below(256))),
  };
}

/** One of several makers, each as often as its weight says. */
export function pickWeighted<T>(dice: Dice, choices: readonly (readonly [weight: number, choice: T])[]): T {
  let left = dice.below(choices.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, choice] of choices) {
    if (left < weight) return choice;
    left -= weight;
  }
  throw new Error("There is nothing to choose from");
}
