import fc from "fast-check";
import { Check } from "typebox/value";
import { describe, expect, it } from "vitest";
import { Text } from "../../../../core/contract/text.ts";
import { DomainError } from "../../../../core/domain/errors.ts";
import { cleanText, cutText, parseJson, requireText } from "../../../../core/domain/shared/text.ts";

const family = "👨‍👩‍👧‍👦";
const refused = {
  "a NUL": "a\0b",
  "an escape": "a\u001b[31m",
  "a C1 control": "a\u009b31m",
  "a line end": "a\nb",
  "a tab before it": "\t!",
  "a line separator": "a\u2028b",
  "a direction override": "gnp.\u202Egpj",
  "a direction isolate": "a\u2067b",
  "a direction mark": "a\u200Fb",
  "an Arabic letter mark": "a\u061Cb",
  "half of an emoji": "a\ud83d",
  nothing: "",
  blanks: " \u00A0\u3000",
  "a zero-width space": "\u200B",
  "a Hangul filler": "\u3164",
  "an empty Braille cell": "\u2800\u2800",
  "joiners alone": "\u200D\u200C",
};
const kept = [
  "a",
  "日本語",
  "می\u200Cخواهم",
  family,
  "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
  "שלום",
  "C++ & <b>",
];

describe("Text that a person gave", () => {
  it.each(Object.entries(refused))("is refused with %s, by the schema and by the domain", (_, text) => {
    // JSON Schema has no word for half of a pair; the parser refuses those (below).
    if (text.isWellFormed()) expect(Check(Text(100), text)).toBe(false);
    expect(() => requireText("body/title", text)).toThrow(/^body\/title must be visible text/);
  });

  it.each(kept)("is kept as it is: %s", (text) => {
    expect(Check(Text(100), text)).toBe(true);
    expect(requireText("body/title", text)).toBe(text);
  });

  it("is composed and trimmed", () => {
    expect(requireText("body/title", " \u3000e\u0301te\u0301 ")).toBe("été");
  });

  it("counts code points, also those that composing adds", () => {
    expect(Check(Text(7), family)).toBe(true);
    expect(Check(Text(6), family)).toBe(false);
    expect(() => requireText("body/title", "\u0958\u0958", 3)).toThrow("not have more than 3 characters");
  });

  it("is refused by the schema's pattern wherever the domain refuses it", () => {
    const text = fc.string({ unit: "binary", maxLength: 6 });
    fc.assert(
      fc.property(text, (text) => {
        const isClean = Check(Text(100), text);
        // Beyond U+FFFF the pattern knows nothing invisible.
        if (/[\u{10000}-\u{10ffff}]/u.test(text)) return;
        expect(attempt(() => requireText("x", text)) !== undefined).toBe(isClean);
      }),
    );
  });
});

describe("Text that nobody can correct", () => {
  it("loses what must not be in it", () => {
    expect(cleanText("\0 A\u202E title\r\nof two\u200F lines\0\0", 200)).toBe("A title of two lines");
    expect(cleanText("x\ud83d", 200)).toBe("x");
    expect(cleanText("\u200B \0", 200)).toBeUndefined();
  });

  it("is cut between characters as people see them", () => {
    expect(cutText(`a${family}`, 8)).toBe(`a${family}`);
    expect(cutText(`a${family}`, 7)).toBe("a");
    expect(cutText("ae\u0301", 2)).toBe("a");
    expect(cutText("🇩🇪🇫🇷", 3)).toBe("🇩🇪");
    expect([...cutText(`e${"\u0301".repeat(5_000)}`, 200)]).toHaveLength(200);
  });

  it("is text by the schema then, whatever it was", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.integer({ min: 1, max: 20 }),
        (text, most) => {
          const clean = cleanText(text, most);
          if (clean !== undefined) {
            expect(Check(Text(most), clean)).toBe(true);
            expect(requireText("x", clean, most)).toBe(clean);
          }
        },
      ),
    );
  });
});

describe("JSON", () => {
  it.each(['"\\ud83d"', '{"\\uDE00":1}', '["a",{"b":"\\ud83dx"}]'])("%s holds half of a pair", (json) => {
    expect(() => parseJson(json)).toThrow(SyntaxError);
  });

  it("is refused where it is nested deeper than any recursion should go", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}1${"]".repeat(depth)}`;
    expect(parseJson(nested(32))).toBeInstanceOf(Array);
    for (const depth of [33, 5_000]) expect(() => parseJson(nested(depth))).toThrow(SyntaxError);
    expect(() => parseJson(nested(100_000))).toThrow();
  });

  it("may write a pair as escapes, and the escape of a backslash", () => {
    expect(parseJson('["\\ud83c\\udfb5", "\\\\ud83d"]')).toEqual(["🎵", "\\ud83d"]);
  });
});

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}
