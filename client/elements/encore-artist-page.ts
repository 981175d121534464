import { css, html, nothing, type PropertyDeclarations, type PropertyValues } from "lit";
import type { Album, ArtistDetail, Song } from "../../core/contract/catalogue.ts";
import { isNotFound } from "../failure.ts";
import { createLoader } from "../state/loader.ts";
import { EncorePage } from "./element.ts";
import "./encore-album-grid.ts";
import "./encore-song-row.ts";
import { refreshOrFollow } from "../state/refresh-or-follow.ts";
import { followCatalogue } from "./follow-catalogue.ts";
import { counted, headingSize } from "./format.ts";
import { failedNotice, loadingNotice, notFoundNotice } from "./notices.ts";

/**
 * One artist: their albums, those of others that they appear on, and songs.
 *
 * @property {string} artistId
 */
export class EncoreArtistPage extends EncorePage {
  static override properties: PropertyDeclarations = { artistId: {} };
  static override styles = [
    EncorePage.styles,
    css`
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-3);
      }
    `,
  ];

  declare artistId: string;

  readonly #loader = createLoader<ArtistDetail, string>(async (id, signal) => {
    const detail = await this.app.api.artist(id, signal);
    this.app.songs.keep(detail.songs);
    return detail;
  });
  readonly #detail = this.watch(() => this.#loader.state);

  constructor() {
    super();
    followCatalogue(
      this,
      () =>
        void refreshOrFollow(this.app, this.#loader, (song, before) => `/artists/${inPlaceOf(before, song)}`),
    );
  }

  protected override get heading() {
    const state = this.#detail.value;
    if (state.kind === "failed" && isNotFound(state.error)) return "There is no such artist";
    return state.kind === "ready" ? state.value.artist.name : undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("artistId")) void this.#loader.load(this.artistId);
  }

  override render() {
    const state = this.#detail.value;
    if (state.kind === "failed" && isNotFound(state.error)) return notFoundNotice("There is no such artist");
    if (state.kind === "failed")
      return html`<h1 tabindex="-1">Artist</h1>${failedNotice(state.error, () => void this.#loader.load(this.artistId))}`;
    if (state.kind !== "ready")
      return html`<h1 class="visually-hidden" tabindex="-1">Artist</h1>${loadingNotice("artist")}`;
    return this.#artist(state.value);
  }

  #artist({ artist, albums, appearsOn, songs }: ArtistDetail) {
    return html`<div class="page">
      <header>
        <h1 tabindex="-1" class=${headingSize(artist.name)}>${artist.name}</h1>
        <p class="muted small">${counted(artist.albums, "album")} · ${counted(artist.songs, "song")}</p>
      </header>
      ${shelf("albums", "Albums", albums)} ${shelf("appears-on", "Appears on", appearsOn)}
      ${songs.length > 0 ? this.#songs(songs) : nothing}
    </div>`;
  }

  #songs(songs: readonly Song[]) {
    return html`<section aria-labelledby="songs">
      <h2 id="songs">Songs</h2>
      <ul aria-label="Songs">
        ${songs.map((song) => html`<li><encore-song-row .app=${this.app} .song=${song} .list=${songs}></encore-song-row></li>`)}
      </ul>
    </section>`;
  }
}

/** The id of whom a song names now where it named this artist before. */
function inPlaceOf({ artist, songs: [first] }: ArtistDetail, { artists, artistId }: Song): string {
  const at = first?.artists.findIndex((one) => one.artistId === artist.artistId) ?? 0;
  return artists[at]?.artistId ?? artistId;
}

const shelf = (id: string, label: string, albums: readonly Album[]) =>
  albums.length === 0
    ? nothing
    : html`<section aria-labelledby=${id}>
        <h2 id=${id}>${label}</h2>
        <encore-album-grid shelf label=${label} .albums=${albums}></encore-album-grid>
      </section>`;

customElements.define("encore-artist-page", EncoreArtistPage);
