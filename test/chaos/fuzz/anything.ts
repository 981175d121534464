import type { Dice } from "./dice.ts";
import { oddNumbers, oddTexts } from "./oddities.ts";

/** JSON of any shape, small. */
export function anything(dice: Dice, depth = 0): unknown {
  if (depth > 2 || dice.chance(0.5))
    return dice.pick([null, true, false, ...oddNumbers, dice.pick(oddTexts)]);
  return dice.chance(0.5)
    ? Array.from({ length: dice.below(4) }, () => anything(dice, depth + 1))
    : anythingObject(dice, depth + 1);
}

export const anythingObject = (dice: Dice, depth = 0): Record<string, unknown> =>
  Object.fromEntries(
    Array.from({ length: dice.below(4) }, () => [
      dice.pick([...oddTexts, "type", "device", "since"]),
      anything(dice, depth),
    ]),
  );
