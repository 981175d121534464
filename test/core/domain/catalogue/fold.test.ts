import { expect, it } from "vitest";
import { fold } from "../../../../core/domain/catalogue/fold.ts";
import { artistIdOf } from "../../../../core/domain/catalogue/text.ts";

it.each([
  ["kana voicing", ["ハス", "バス", "パス"]],
  ["Thai vowels and tones", ["ปา", "ปี", "ป่า"]],
  ["Hangul", ["가", "각", "까"]],
  ["Arabic signs", ["ا", "آ", "أ", "مُ", "مَ"]],
  ["Devanagari vowels", ["कि", "की", "कं", "क"]],
  ["Tamil", ["கா", "கி", "க்"]],
  ["Hebrew points", ["שׁ", "שׂ"]],
  ["Latin letters of their own", ["o", "oe", "d", "th"]],
])("%s are letters: names that differ in them are others", (_, names) => {
  expect(new Set(names.map(fold)).size).toBe(names.length);
  expect(new Set(names.map(artistIdOf)).size).toBe(names.length);
});

it.each([
  ["Noël", "noel"],
  ["ÁÑÇÖÅ", "ancoa"],
  ["Đặng Thái Sơn", "dang thai son"],
  ["Μίκης Θεοδωράκης", "μικησ θεοδωρακησ"],
  ["Ёлка", "елка"],
  ["MØ", "mo"],
  ["Łódź", "lodz"],
  ["STRASSE", "straße"],
  ["GROẞ", "gross"],
  ["Æther", "aether"],
  ["Œuvre", "oeuvre"],
  ["Þór Guðni", "thor gudni"],
  ["ışık İZ", "isik iz"],
  ["ﬁne Ｗide", "fine wide"],
  ["ｶﾞｰﾙ", "ガール"],
  ["  two \u3000 blanks ", "two blanks"],
  ["❤\uFE0F", "❤"],
  ["می\u200Cخواهم", "میخواهم"],
])("%s is compared as %s", (text, other) => {
  expect(fold(text)).toBe(fold(other));
  expect(fold(fold(text))).toBe(fold(text));
});
