import { css, html, nothing, type PropertyDeclarations, type PropertyValues } from "lit";
import type { Album, AlbumDetail, Song } from "../../core/contract/catalogue.ts";
import { isNotFound } from "../failure.ts";
import { createLoader } from "../state/loader.ts";
import { artistLinks } from "./artist-links.ts";
import { EncorePage } from "./element.ts";
import "./encore-cover.ts";
import "./encore-song-row.ts";
import { refreshOrFollow } from "../state/refresh-or-follow.ts";
import { followCatalogue } from "./follow-catalogue.ts";
import { counted, headingSize, spokenLength } from "./format.ts";
import { icons } from "./icons.ts";
import { failedNotice, loadingNotice, notFoundNotice } from "./notices.ts";
import { once } from "./once.ts";

type Named = { readonly albumId?: string | undefined; readonly songId?: string | undefined };

/**
 * One album and its songs in order.
 *
 * @property {string | undefined} albumId
 * @property {string | undefined} songId instead: its album, in which it stands out
 */
export class EncoreAlbumPage extends EncorePage {
  static override properties: PropertyDeclarations = { albumId: {}, songId: {} };
  static override styles = [
    EncorePage.styles,
    css`
      header {
        display: grid;
        grid-template-columns: clamp(8rem, 26vw, 15rem) minmax(0, 1fr);
        align-items: end;
        gap: var(--space-5);
      }
      encore-cover {
        --cover-radius: var(--radius-l);
        box-shadow: var(--shadow);
      }
      li[aria-current] {
        border-radius: var(--radius-m);
        background: var(--accent-soft);
        outline: 1px solid var(--accent);
      }
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-3);
      }
      .about {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-2);
      }
      @media (max-width: 40rem) {
        header {
          grid-template-columns: minmax(0, 1fr);
          justify-items: center;
          text-align: center;
        }
        encore-cover {
          width: min(70vw, 18rem);
        }
        .about {
          justify-items: center;
        }
      }
    `,
  ];

  declare albumId: string | undefined;
  declare songId: string | undefined;

  readonly #loader = createLoader<AlbumDetail, Named>(async ({ albumId, songId }, signal) => {
    const id = albumId ?? (await this.app.api.song(songId ?? "", signal)).albumId;
    const detail = await this.app.api.album(id, signal);
    this.app.songs.keep(detail.songs);
    return detail;
  });
  #scrolledTo: string | undefined;
  readonly #detail = this.watch(() => this.#loader.state);

  constructor() {
    super();
    followCatalogue(
      this,
      () => void refreshOrFollow(this.app, this.#loader, ({ albumId }) => `/albums/${albumId}`),
    );
  }

  protected override get heading() {
    const state = this.#detail.value;
    if (state.kind === "failed" && isNotFound(state.error)) return this.#missing();
    if (state.kind !== "ready") return undefined;
    const { album, songs } = state.value;
    const song = songs.find(({ songId }) => songId === this.songId);
    return song ? `${song.title} · ${album.title}` : album.title;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("albumId") || changed.has("songId")) this.#load();
  }

  #load(): void {
    const { albumId, songId } = this;
    void this.#loader.load({ albumId, songId });
  }

  /** Brings the song that the address names into view, when its album has come. */
  protected override updated(): void {
    super.updated();
    const named = this.renderRoot.querySelector("li[aria-current]");
    if (!named || this.#scrolledTo === this.songId) return;
    this.#scrolledTo = this.songId;
    named.scrollIntoView({ block: "center" });
  }

  #missing(): string {
    return this.songId === undefined ? "There is no such album" : "There is no such song";
  }

  override render() {
    const state = this.#detail.value;
    if (state.kind === "failed" && isNotFound(state.error)) return notFoundNotice(this.#missing());
    if (state.kind === "failed")
      return html`<h1 tabindex="-1">Album</h1>${failedNotice(state.error, () => this.#load())}`;
    if (state.kind !== "ready")
      return html`<h1 class="visually-hidden" tabindex="-1">Album</h1>${loadingNotice("album")}`;
    return this.#album(state.value);
  }

  #album({ album, songs }: AlbumDetail) {
    return html`<div class="page">
      <header>
        <encore-cover sizes="(max-width: 40rem) min(70vw, 18rem), 15rem"
          .src=${album.coverUrl}
        ></encore-cover>
        <div class="about">
          <h1 tabindex="-1" class=${headingSize(album.title)}>${album.title}</h1>
          <p>${artistLinks(album.artist, album.artists)}</p>
          <p class="muted small">
            ${releasedText(album)}${counted(album.songs, "song")} · ${spokenLength(album.durationSeconds)}
          </p>
          <div class="toolbar">
            <button type="button" class="primary" @click=${once(() => this.app.playback.play(songs, 0))}>${icons.play} Play album</button>
          </div>
        </div>
      </header>
      ${this.#discs(album, songs)}
    </div>`;
  }

  /** One list, or one of each disc under its heading. */
  #discs(album: Album, songs: readonly Song[]) {
    const discs = [...Map.groupBy(songs, ({ disc = 1 }) => disc)];
    if (discs.length === 1) return this.#songs(`Songs of ${album.title}`, songs, songs);
    return discs.map(
      ([disc, own]) => html`<section>
        <h2>Disc ${disc}</h2>
        ${this.#songs(`Songs of disc ${disc} of ${album.title}`, own, songs)}
      </section>`,
    );
  }

  /** @param all what plays on after each of these */
  #songs(label: string, songs: readonly Song[], all: readonly Song[]) {
    return html`<ol aria-label=${label}>${songs.map((song) => this.#song(song, all))}</ol>`;
  }

  #song(song: Song, songs: readonly Song[]) {
    const current = song.songId === this.songId ? "true" : nothing;
    return html`<li aria-current=${current}><encore-song-row numbered .app=${this.app} .song=${song} .list=${songs}></encore-song-row></li>`;
  }
}

/** "1973 · ", and where this is a later release of it, also of when. */
function releasedText({ year, originalDate }: Album): string {
  const first = originalDate ? Number(originalDate.slice(0, 4)) : year;
  if (first === undefined) return "";
  return year === undefined || first === year ? `${first} · ` : `${first}, this release ${year} · `;
}

customElements.define("encore-album-page", EncoreAlbumPage);
