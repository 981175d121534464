import type { ArtistCredit } from "../../core/contract/catalogue.ts";

/** A piece of what is printed; with an id where it names an artist. */
export type CreditPart = { readonly text: string; readonly artistId?: string };

/**
 * Who is credited, as it is printed, with each name found in it: "Nora feat. Omar" has three parts. Where names stand in
 * another form or order than they are printed, they are listed instead. Nobody is named of various artists.
 */
export function creditParts(printed: string, artists: readonly ArtistCredit[] = []): CreditPart[] {
  const [only, ...others] = artists;
  if (!only) return [{ text: printed }];
  if (others.length === 0) return [{ text: printed, artistId: only.artistId }];
  return partsOf(printed, artists) ?? listed(artists);
}

function partsOf(printed: string, artists: readonly ArtistCredit[]): CreditPart[] | undefined {
  const parts: CreditPart[] = [];
  let end = 0;
  for (const { artistId, name } of artists) {
    const at = printed.indexOf(name, end);
    if (at < 0) return undefined;
    parts.push({ text: printed.slice(end, at) }, { text: name, artistId });
    end = at + name.length;
  }
  return [...parts, { text: printed.slice(end) }].filter(({ text }) => text !== "");
}

const listed = (artists: readonly ArtistCredit[]): CreditPart[] =>
  artists.flatMap(({ artistId, name }, at) => [
    ...(at > 0 ? [{ text: ", " }] : []),
    { text: name, artistId },
  ]);
