import { css, html, nothing, type PropertyDeclarations } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Song } from "../../core/contract/catalogue.ts";
import type { Pager } from "../state/pager.ts";
import { EncoreElement } from "./element.ts";
import "./encore-song-row.ts";
import "./encore-more.ts";
import { emptyNotice, failedNotice, loadingNotice } from "./notices.ts";

/**
 * A paged list of songs; the next page comes when its end is near.
 *
 * @property {Pager} pager
 * @property {string} label accessible name of the list
 * @property {string} empty what to say when there is nothing
 */
export class EncoreSongList extends EncoreElement {
  static override properties: PropertyDeclarations = {
    pager: { attribute: false },
    label: {},
    empty: {},
  };
  static override styles = [
    EncoreElement.styles,
    css`
      ul[aria-busy="true"] {
        opacity: 0.6;
      }
    `,
  ];

  declare pager: Pager<Song, unknown>;
  declare label: string;
  declare empty: string;

  readonly #page = this.watch(() => this.pager.state);

  override render() {
    const { items, status, more, error } = this.#page.value;
    const retry = () => void this.pager.more();
    if (items.length === 0 && status === "loading") return loadingNotice("songs");
    if (items.length === 0 && status === "ready") return emptyNotice(this.empty);
    return html`
      <ul aria-label=${this.label} aria-busy=${status === "loading"}>
        ${repeat(
          items,
          ({ songId }) => songId,
          (song) => this.#row(song),
        )}
      </ul>
      ${status === "failed" ? failedNotice(error, retry) : nothing}
      ${more && status !== "failed" ? html`<encore-more ?busy=${status === "loading"} @encore-more=${retry}></encore-more>` : nothing}
    `;
  }

  #row(song: Song) {
    return html`<li><encore-song-row .app=${this.app} .song=${song} .play=${this.#play}></encore-song-row></li>`;
  }

  /** Plays on to the end of the list, of which only the first pages are here. */
  readonly #play = (song: Song): void => {
    const { items } = this.#page.value;
    this.app.playback.play(items, items.indexOf(song), this.pager.rest());
  };
}

customElements.define("encore-song-list", EncoreSongList);
