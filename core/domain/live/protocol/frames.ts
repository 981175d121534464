import { Compile, type Validator } from "typebox/compile";
import { type ClientMessage, Hello, maxMessageBytes, Ping, PlaybackIntent } from "../../../contract/live.ts";
import { DomainError } from "../../errors.ts";
import { cutText, parseJson, wordsFor } from "../../shared/text.ts";

const validators: ReadonlyMap<unknown, Validator> = new Map<unknown, Validator>([
  ["hello", Compile(Hello)],
  ["ping", Compile(Ping)],
  ["playback", Compile(PlaybackIntent)],
]);

/**
 * Reads one frame of a client.
 * @throws DomainError `too-large` or `invalid-request`, with every place that is wrong
 */
export function readFrame(text: string): ClientMessage {
  if (text.length > maxMessageBytes || byteLength(text) > maxMessageBytes)
    throw new DomainError("too-large", `A message has at most ${maxMessageBytes} bytes`);
  const value = parse(text);
  const validator = validators.get(typeOf(value));
  if (!validator)
    throw new DomainError("invalid-request", `type must be one of ${[...validators.keys()].join(", ")}`);
  if (!validator.Check(value)) throw refusal(validator, value);
  return value as ClientMessage;
}

/** Names are the client's own and may be as long as its message, which an answer must not outgrow. */
const short = (text: string): string => (text.length <= 200 ? text : `${cutText(text, 200)}…`);

const encoder = new TextEncoder();
export const byteLength = (text: string): number => encoder.encode(text).length;

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new DomainError("invalid-request", "A message is one JSON object");
  }
}

const typeOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "type" in value ? value.type : undefined;

function refusal(validator: Validator, value: unknown): DomainError {
  const errors = validator
    .Errors(value)
    .slice(0, 10)
    .map((error) => ({
      path: short(`message${error.instancePath}`),
      message: short(wordsFor(error)),
    }));
  const detail = errors.map(({ path, message }) => `${path} ${message}`).join("; ");
  return new DomainError("invalid-request", detail, { errors });
}
