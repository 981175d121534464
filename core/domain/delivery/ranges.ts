/** Bytes `start` to `end`, both inclusive. */
export type ByteRange = { readonly start: number; readonly end: number };

export type RangeAnswer =
  /** No Range, or one that is to be ignored: the whole representation. */
  | { readonly kind: "whole" }
  /** What to send, in the order it was asked for. */
  | { readonly kind: "ranges"; readonly ranges: readonly [ByteRange, ...ByteRange[]] }
  | { readonly kind: "unsatisfiable" };

/** Most ranges of a request; a Range with more is ignored (RFC 9110 section 14.2 allows it). */
const maxRanges = 16;

const whole: RangeAnswer = { kind: "whole" };
const unsatisfiable: RangeAnswer = { kind: "unsatisfiable" };
const unit = /^bytes=/i;
const spec = /^(?:(\d+)-(\d*)|-(\d+))$/;
/** The form that players send nearly always: one range with both ends, of digits that a number holds exactly. */
const plain = /^bytes=(\d{1,15})-(\d{1,15})$/;

type Spec = { readonly first: bigint; readonly last?: bigint } | { readonly suffix: bigint };

/**
 * Resolves a Range header against a representation of `size` bytes (RFC 9110 section 14.1.2 and 14.2). An unknown unit
 * and a set with anything malformed in it are ignored; overlapping and adjacent ranges become one.
 */
export function resolveRange(header: string | undefined, size: number): RangeAnswer {
  if (header === undefined) return whole;
  const common = plain.exec(header);
  if (common) return resolvePlain(Number(common[1]), Number(common[2]), size);
  const specs = parseRangeSet(header);
  if (!specs) return whole;
  const ranges = specs.map((one) => toByteRange(one, size));
  // An empty object's last bytes are all of it, which is satisfiable but cannot be told by a Content-Range.
  if (ranges.includes("empty")) return whole;
  const merged = coalesce(ranges.filter((range) => typeof range === "object"));
  const [first, ...others] = merged;
  if (!first) return unsatisfiable;
  return merged.length > maxRanges ? whole : { kind: "ranges", ranges: [first, ...others] };
}

function resolvePlain(start: number, last: number, size: number): RangeAnswer {
  if (last < start) return whole;
  return start >= size
    ? unsatisfiable
    : { kind: "ranges", ranges: [{ start, end: Math.min(last, size - 1) }] };
}

function parseRangeSet(header: string): Spec[] | undefined {
  if (!unit.test(header)) return undefined;
  const texts = header
    .slice("bytes=".length)
    .split(",")
    .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((text) => text !== "");
  const specs = texts.map(parseSpec);
  return specs.length > 0 && specs.every((one) => one !== undefined) ? specs : undefined;
}

/** Digits of any length are legal, so they are compared exactly. */
function parseSpec(text: string): Spec | undefined {
  const match = spec.exec(text);
  if (!match) return undefined;
  const [, first, last, suffix] = match;
  if (suffix !== undefined) return { suffix: BigInt(suffix) };
  if (!last) return { first: BigInt(first ?? "") };
  const range = { first: BigInt(first ?? ""), last: BigInt(last) };
  return range.last < range.first ? undefined : range;
}

function toByteRange(one: Spec, size: number): ByteRange | "empty" | undefined {
  if ("suffix" in one) {
    if (one.suffix === 0n) return undefined;
    if (size === 0) return "empty";
    return { start: one.suffix > size ? 0 : size - Number(one.suffix), end: size - 1 };
  }
  if (one.first >= size) return undefined;
  const end = one.last === undefined || one.last >= size ? size - 1 : Number(one.last);
  return { start: Number(one.first), end };
}

/** Overlapping and adjacent ranges become one, at the place of the first of them (RFC 9110 section 15.3.7.2). */
function coalesce(ranges: readonly ByteRange[]): ByteRange[] {
  const byStart = ranges.map((range, order) => ({ ...range, order })).sort((a, b) => a.start - b.start);
  const merged: { start: number; end: number; order: number }[] = [];
  for (const range of byStart) {
    const before = merged.at(-1);
    if (!before || range.start > before.end + 1) merged.push({ ...range });
    else
      Object.assign(before, {
        end: Math.max(before.end, range.end),
        order: Math.min(before.order, range.order),
      });
  }
  return merged.sort((a, b) => a.order - b.order).map(({ start, end }) => ({ start, end }));
}
