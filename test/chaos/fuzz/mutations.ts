import { anything } from "./anything.ts";
import { type Dice, pickWeighted } from "./dice.ts";
import { oddNumberTexts, oddTexts } from "./oddities.ts";

type Mutation = (dice: Dice, json: string) => string | Buffer;

/** A text with something changed in it, once or a few times. */
export function mutateText(dice: Dice, json: string): string | Buffer {
  const mutation = pickWeighted<Mutation>(dice, [
    [4, flipBits],
    [2, truncate],
    [3, duplicateKey],
    [3, dropField],
    [5, retypeField],
    [3, addField],
    [2, hugeNumber],
    [2, wrap],
    [1, pollute],
    [2, splice],
    [1, damageUtf8],
  ]);
  return mutation(dice, json);
}

/** Low bits only, so that most results are text still. */
function flipBits(dice: Dice, json: string): Buffer {
  const bytes = Buffer.from(json);
  for (let flips = dice.between(1, 4); flips > 0; flips--) {
    const at = dice.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(7));
  }
  return bytes;
}

const truncate: Mutation = (dice, json) => json.slice(0, dice.below(json.length));

function duplicateKey(dice: Dice, json: string): string {
  const [key, value] = dice.pick(Object.entries(JSON.parse(json)));
  const again = JSON.stringify(dice.chance(0.5) ? value : anything(dice));
  return json.replace(/\}$/, `,${JSON.stringify(key)}:${again}}`);
}

function dropField(dice: Dice, json: string): string {
  const message = JSON.parse(json);
  delete message[dice.pick(Object.keys(message))];
  return JSON.stringify(message);
}

function retypeField(dice: Dice, json: string): string {
  const message = JSON.parse(json);
  const target = message.device && dice.chance(0.5) ? message.device : message;
  target[dice.pick(Object.keys(target))] = anything(dice);
  return JSON.stringify(message);
}

function addField(dice: Dice, json: string): string {
  const message = JSON.parse(json);
  const target = message.device && dice.chance(0.5) ? message.device : message;
  return JSON.stringify({ ...message, ...target, [dice.pick(oddTexts)]: anything(dice) });
}

function hugeNumber(dice: Dice, json: string): string {
  const number = dice.pick(oddNumberTexts);
  const replaced = json.replace(/:(-?\d[\d.e+-]*|null)/, `:${number}`);
  return replaced === json ? `{"type":${number}}` : replaced;
}

const wrap: Mutation = (dice, json) =>
  dice.pick([
    `[${json}]`,
    `{"message":${json}}`,
    JSON.stringify(json),
    `${json}${json}`,
    ` \n${json}\t `,
    `\ufeff${json}`,
  ]);

/** What must neither reach a prototype nor be called. */
const pollute: Mutation = (dice, json) =>
  dice.pick([
    json.replace("{", '{"__proto__":{"type":"ping","device":{}},'),
    json.replace("{", '{"constructor":{"prototype":{"type":"ping"}},'),
    '{"__proto__":{"type":"ping"}}',
    '{"type":{"toString":1,"valueOf":1}}',
    '{"type":{"toString":"ping"}}',
    '{"type":["ping"]}',
    '{"type":[["hello"]]}',
  ]);

function splice(dice: Dice, json: string): string {
  const at = dice.below(json.length);
  return json.slice(0, at) + dice.pick(oddTexts) + json.slice(at + dice.below(5));
}

/** A text that is none (RFC 3629). */
function damageUtf8(dice: Dice, json: string): Buffer {
  const bytes = Buffer.from(json);
  const at = dice.below(bytes.length);
  const broken = dice.pick([
    [0x80],
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xff],
    [0xe2, 0x82],
  ]);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(broken), bytes.subarray(at)]);
}
