import { html } from "lit";
import type { ArtistCredit } from "../../core/contract/catalogue.ts";
import { creditParts } from "../state/credits.ts";

/** The artists of a song or an album as they are printed, each a link to their page. */
export const artistLinks = (printed: string, artists: readonly ArtistCredit[]) =>
  creditParts(printed, artists).map(({ text, artistId }) =>
    artistId === undefined ? text : html`<a href="/artists/${artistId}">${text}</a>`,
  );
