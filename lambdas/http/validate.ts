import type { TObject, TSchema } from "typebox";
import * as Type from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { DomainError } from "../../core/domain/errors.ts";
import { wordsFor } from "../../core/domain/shared/text.ts";

type Place = "path" | "query" | "body";
export type Check = (value: unknown) => Record<string, unknown>;

/**
 * Compiles a schema once into a check that answers the value, or refuses with every place that is wrong.
 * Path and query are text on the wire, so there numbers are converted before they are checked.
 */
export function checker(place: Place, schema: TSchema): Check {
  const validator = Compile(schema);
  return (value) => {
    const input = place === "body" ? value : fromText(schema as TObject, value as Texts);
    if (validator.Check(input)) return input as Record<string, unknown>;
    throw refusal(place, validator, input);
  };
}

type Texts = Readonly<Record<string, string | undefined>>;

/** Numbers as JSON writes them; text that is none stays text, and is refused as such. */
const numeral = /^-?(0|[1-9]\d*)(\.\d+)?$/;

function fromText({ properties }: TObject, texts: Texts): Record<string, unknown> {
  const entries = Object.entries(texts).map(([name, text = ""]) => {
    const { type } = (properties[name] ?? {}) as { readonly type?: string };
    const isNumber = (type === "integer" || type === "number") && numeral.test(text);
    return [name, isNumber ? Number(text) : text];
  });
  return Object.fromEntries(entries);
}

/** A route without such a schema takes nothing there. */
export const nothing: TObject = Type.Object({}, { additionalProperties: false });

function refusal(place: Place, validator: Validator, value: unknown): DomainError {
  const errors = [...validator.Errors(value)].slice(0, 10).map((error) => ({
    path: `${place}${error.instancePath}`,
    message:
      "additionalProperties" in error.params
        ? `does not know ${error.params.additionalProperties}`
        : wordsFor(error),
  }));
  const detail = errors.map(({ path, message }) => `${path} ${message}`).join("; ");
  return new DomainError("invalid-request", detail, { errors });
}
