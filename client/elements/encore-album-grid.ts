import { css, html, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Album } from "../../core/contract/catalogue.ts";
import { EncoreElement } from "./element.ts";
import "./encore-cover.ts";

/**
 * Albums as covers with their titles.
 *
 * @property {readonly Album[]} albums
 * @property {string} label accessible name of the list
 * @property {boolean} shelf one line that scrolls sideways
 */
export class EncoreAlbumGrid extends EncoreElement {
  static override properties: PropertyDeclarations = {
    albums: { attribute: false },
    label: {},
    shelf: { type: Boolean, reflect: true },
  };
  static override styles = [
    EncoreElement.styles,
    css`
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(10.5rem, 42vw), 1fr));
        gap: var(--space-5) var(--space-4);
      }
      :host([shelf]) ul {
        grid-template-columns: none;
        grid-auto-flow: column;
        grid-auto-columns: min(11rem, 42vw);
        margin: calc(-1 * var(--space-2));
        padding: var(--space-2);
        overflow-x: auto;
        scroll-snap-type: x proximity;
        scroll-padding: var(--space-2);
      }
      li {
        min-width: 0;
        scroll-snap-align: start;
      }
      a {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        border-radius: var(--radius-m);
        line-height: 1.35;
      }
      a:hover {
        text-decoration: none;
      }
      encore-cover {
        --cover-radius: var(--radius-m);
        margin-bottom: var(--space-2);
        box-shadow: var(--shadow);
        transition: transform var(--quick);
      }
      a:hover encore-cover {
        transform: translateY(-2px);
      }
      .title {
        font-weight: 600;
      }
    `,
  ];

  declare albums: readonly Album[];
  declare label: string;
  declare shelf: boolean;

  override render() {
    return html`<ul aria-label=${this.label}>
      ${repeat(this.albums, ({ albumId }) => albumId, this.#card)}
    </ul>`;
  }

  readonly #card = ({ albumId, title, artist, year, coverUrl }: Album) => html`<li>
    <a href="/albums/${albumId}">
      <encore-cover sizes="12rem" .src=${coverUrl}></encore-cover>
      <span class="title clip" title=${title}>${title}</span>
      <span class="muted small clip" title=${artist}>${artist}${year ? ` · ${year}` : ""}</span>
    </a>
  </li>`;
}

customElements.define("encore-album-grid", EncoreAlbumGrid);
