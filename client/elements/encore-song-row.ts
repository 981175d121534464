import { html, nothing, type PropertyDeclarations } from "lit";
import type { Song } from "../../core/contract/catalogue.ts";
import { hearsWhole } from "../../core/domain/plans.ts";
import type { PlayerState } from "../player-state.ts";
import { select } from "../state/store.ts";
import { artistLinks } from "./artist-links.ts";
import { EncoreElement } from "./element.ts";
import "./encore-cover.ts";
import "./encore-subscribe-button.ts";
import { clockTime } from "./format.ts";
import { icons } from "./icons.ts";
import { once } from "./once.ts";
import { songRowStyles } from "./song-row-styles.ts";

/**
 * One song of a list: play, subscribe, and where it comes from.
 *
 * @slot - more about the song, below its line
 * @property {Song} song
 * @property {readonly Song[]} list what plays on after it, where that is all here
 * @property {(song: Song) => void} play plays it and what follows, where the list is longer than what is here
 * @property {boolean} numbered shows the track number instead of the cover
 */
export class EncoreSongRow extends EncoreElement {
  static override properties: PropertyDeclarations = {
    song: { attribute: false },
    list: { attribute: false },
    play: { attribute: false },
    numbered: { type: Boolean },
  };
  static override styles = [EncoreElement.styles, songRowStyles];

  declare song: Song;
  declare list: readonly Song[] | undefined;
  declare play: ((song: Song) => void) | undefined;
  declare numbered: boolean;

  readonly #status = this.watch(({ playback }) => select(playback.player, (state) => this.#statusIn(state)));
  readonly #plan = this.watch(({ session }) => select(session.user, (user) => user?.plan ?? "free"));

  override render() {
    const { title, artist, artists, album, albumId, durationSeconds } = this.song;
    const status = this.#status.value;
    return html`
      <div class="row ${status === "none" ? "" : "current"}">
        ${this.#playButton(status)}
        <div class="names">
          <span class="title clip" title=${title} @click=${this.#play}>${title}</span>
          <span class="by clip" title=${this.numbered ? artist : `${artist} · ${album}`}>
            ${artistLinks(artist, artists)}${this.numbered ? nothing : html`<span class="from"> · <a href="/albums/${albumId}">${album}</a></span>`}
          </span>
        </div>
        ${hearsWhole(this.#plan.value, this.song.tier) ? nothing : this.#previewHint()}
        <span class="time"><span class="visually-hidden">Length </span>${clockTime(durationSeconds)}</span>
        <encore-subscribe-button .app=${this.app} .song=${this.song}></encore-subscribe-button>
      </div>
      <slot></slot>
    `;
  }

  #playButton(status: PlayerState["status"] | "none") {
    const on = status === "playing" || status === "waiting";
    const { coverUrl, title, track } = this.song;
    const face = this.numbered
      ? html`<span class="number">${track ?? "–"}</span>`
      : html`<encore-cover sizes="3rem" .src=${coverUrl}></encore-cover>`;
    return html`<div class="lead">
      ${face}
      <button type="button" class="play" aria-label="${on ? "Pause" : "Play"} ${title}" @click=${this.#play}>
        ${on ? icons.pause : icons.play}
      </button>
    </div>`;
  }

  #previewHint() {
    const text = this.song.hasPreview ? "30 s preview" : "Plus";
    const title = "The whole song needs Plus or HiFi";
    return html`<a class="badge" href="/account" title=${title}>${text}</a>`;
  }

  #statusIn({ song, status }: PlayerState): PlayerState["status"] | "none" {
    return song?.songId === this.song.songId ? status : "none";
  }

  readonly #play = once(() => {
    const { list = [], song } = this;
    const start = list.findIndex(({ songId }) => songId === song.songId);
    if (this.play) this.play(song);
    else if (start >= 0) this.app.playback.play(list, start);
    else this.app.playback.play([song], 0);
  });
}

customElements.define("encore-song-row", EncoreSongRow);
