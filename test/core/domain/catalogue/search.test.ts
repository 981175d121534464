import { describe, expect, it } from "vitest";
import { toSong } from "../../../../core/domain/catalogue/record.ts";
import { createSearchIndex } from "../../../../core/domain/catalogue/search.ts";
import { songRecord } from "../../../support/songs.ts";

/** The titles that are found among these, for what somebody typed. */
function finds(titles: readonly string[], typed: string): string[] {
  const index = createSearchIndex();
  titles.forEach((title, at) => {
    index.put(
      toSong(songRecord(`song-${at}`, { title, artist: "Nobody", album: "Nothing", albumArtist: "Nobody" })),
    );
  });
  return createSearchIndex(index.serialise())
    .search(typed)
    .map(({ title }) => title)
    .sort();
}

describe("A search finds", () => {
  it.each([
    ["an acronym without its dots", "R.E.M.", "rem"],
    ["an acronym with its dots", "REM", "r.e.m."],
    ["an acronym as it is typed on", "N.W.A", "nw"],
    ["a name without its hyphen", "blink-182", "blink182"],
    ["a name with another hyphen", "blink-182", "blink‐182"],
    ["a name with a hyphen", "blink 182", "blink-182"],
    ["a name in two words", "blink-182", "blink 182"],
    ["a name in one word", "Blink 182", "blink182"],
    ["a hyphen that is not there", "Hip Hop", "hip-ho"],
    ["a slash left out", "AC/DC", "acdc"],
    ["a part of a name with a slash", "AC/DC", "dc"],
    ["an apostrophe left out", "Don’t Stop", "dont stop"],
    ["another apostrophe", "Don’t Stop", "don't"],
    ["an ampersand left out", "R&B", "rb"],
    ["an ampersand between blanks", "Rock & Roll", "rock roll"],
    ["an ampersand as it is spoken", "Rock & Roll", "rock and"],
    ["a plus as it is spoken", "Florence + the Machine", "florence and the"],
    ["a word as it is written", "Rock and Roll", "rock & roll"],
    ["a sign in the place of a letter", "P!nk", "pink"],
    ["a word inside of kana", "東京ナイト", "ナイト"],
    ["one sign", "東京ナイト", "京"],
    ["the last sign", "東京ナイト", "ト"],
    ["the start of what has no blanks", "東京ナイト", "東京"],
    ["words of two scripts", "林檎Tokyo事変", "事変 tokyo"],
    ["a middle dot left out", "レッド・ツェッペリン", "レッドツェッペリン"],
    ["half-width kana", "ガールズ", "ｶﾞｰﾙ"],
    ["a word inside of Hangul", "밤편지", "편지"],
    ["a word inside of Thai", "คืนนี้ดีจัง", "นี้"],
    ["punctuation alone", "!!!", "!!!"],
    ["full-width punctuation", "！！！", "!!!"],
    ["symbols", "÷", "÷"],
    ["an emoji", "❤️", "❤"],
    ["punctuation beside words", "!!! Louder", "!!! lou"],
    ["what stands beside punctuation", "!!!  Louder", "louder"],
    ["ø", "MØ", "mo"],
    ["ß", "Weiß", "weiss"],
    ["ss for ß", "Weiss", "weiß"],
    ["ł", "Małgorzata", "malgo"],
    ["æ", "Æther", "aeth"],
    ["ı", "Işık", "isik"],
    ["Persian without its joiner", "می\u200Cخواهم", "میخواهم"],
    ["Hebrew without its points", "עִבְרִית", "עברית"],
    ["Hebrew with points", "שלום", "שָׁלוֹם"],
    ["Arabic without its vowel signs", "مَرْحَبًا", "مرحبا"],
    ["Arabic without hamza", "أحمد", "احمد"],
    ["Arabic that was stretched", "محـــمد", "محمد"],
    ["Persian on an Arabic keyboard", "کی", "كي"],
    ["katakana typed as hiragana", "ガールズ", "がーる"],
    ["hiragana typed as katakana", "きゃりー", "キャリー"],
    ["a slip", "Zebra", "zebbra"],
  ])("%s", (_, title, typed) => {
    expect(finds([title, "Something else", "別の歌"], typed)).toEqual([title]);
  });

  it.each([
    ["other signs in another order", "東京", "京東"],
    ["only one of two signs", "東風", "東京"],
    ["other voicing", "バス", "パス"],
    ["other punctuation", "???", "!!!"],
    ["letters of an acronym at the start of words", "Rain Eats Mud", "r.e.m"],
  ])("not %s", (_, title, typed) => {
    expect(finds([title], typed)).toEqual([]);
  });
});

it("A song is found by each of its artists, also by those who are not printed, and by each genre", () => {
  const index = createSearchIndex();
  const credited = { artist: "The Duo", artists: ["Nora", "Omar"], genres: ["Jazz", "Bossa nova"] };
  index.put(toSong(songRecord("song-1", credited)));
  for (const typed of ["duo", "nora", "omar", "bossa jazz"]) expect(index.search(typed)).toHaveLength(1);
});
