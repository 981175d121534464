import { css, html, type PropertyDeclarations, type PropertyValues } from "lit";
import type { AlbumDetail } from "../../core/contract/catalogue.ts";
import { createLoader } from "../state/loader.ts";
import { EncorePage } from "./element.ts";
import "./encore-cover.ts";
import "./encore-song-row.ts";
import { followCatalogue } from "./follow-catalogue.ts";
import { counted, spokenLength } from "./format.ts";
import { icons } from "./icons.ts";
import { failedNotice, loadingNotice } from "./notices.ts";
import { followRenamed } from "./renamed.ts";

/**
 * One album and its songs in order.
 *
 * @property {string} albumId
 */
export class EncoreAlbumPage extends EncorePage {
  static override properties: PropertyDeclarations = { albumId: {} };
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
      .about {
        display: grid;
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

  declare albumId: string;

  readonly #loader = createLoader<AlbumDetail, string>(async (id, signal) => {
    const detail = await this.app.api.album(id, signal);
    this.app.songs.keep(detail.songs);
    return detail;
  });
  readonly #detail = this.watch(() => this.#loader.state);

  constructor() {
    super();
    followCatalogue(this, () => void this.#refresh());
  }

  protected override get heading() {
    const state = this.#detail.value;
    return state.kind === "ready" ? state.value.album.title : undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("albumId")) void this.#loader.load(this.albumId);
  }

  async #refresh(): Promise<void> {
    const before = this.#detail.value;
    await this.#loader.refresh();
    if (before.kind === "ready" && this.#detail.value.kind === "failed")
      await followRenamed(this.app, before.value.songs, ({ albumId }) => `/albums/${albumId}`);
  }

  override render() {
    const state = this.#detail.value;
    if (state.kind === "failed")
      return html`<h1 tabindex="-1">Album</h1>${failedNotice(state.error, () => void this.#loader.load(this.albumId))}`;
    if (state.kind !== "ready")
      return html`<h1 class="visually-hidden" tabindex="-1">Album</h1>${loadingNotice("album")}`;
    return this.#album(state.value);
  }

  #album({ album, songs }: AlbumDetail) {
    const by = songs[0]?.artistId;
    return html`<div class="page">
      <header>
        <encore-cover
          eager
          sizes="(max-width: 40rem) min(70vw, 18rem), 15rem"
          .src=${album.coverUrl}
        ></encore-cover>
        <div class="about">
          <h1 tabindex="-1">${album.title}</h1>
          <p>${by && songs[0]?.artist === album.artist ? html`<a href="/artists/${by}">${album.artist}</a>` : album.artist}</p>
          <p class="muted small">
            ${album.year ? `${album.year} · ` : ""}${counted(album.songs, "song")} · ${spokenLength(album.durationSeconds)}
          </p>
          <div class="toolbar">
            <button type="button" class="primary" @click=${() => this.app.playback.play(songs, 0)}>${icons.play} Play album</button>
          </div>
        </div>
      </header>
      <ol aria-label="Songs of ${album.title}">
        ${songs.map((song) => html`<li><encore-song-row numbered .app=${this.app} .song=${song} .list=${songs}></encore-song-row></li>`)}
      </ol>
    </div>`;
  }
}

customElements.define("encore-album-page", EncoreAlbumPage);
