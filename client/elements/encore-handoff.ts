import { css, html, nothing } from "lit";
import { EncoreElement } from "./element.ts";
import { icons } from "./icons.ts";
import { once } from "./once.ts";

/** What another device plays, or which one plays instead of this one, and the way to go on here. Empty where nothing does. */
export class EncoreHandoff extends EncoreElement {
  static override styles = [
    EncoreElement.styles,
    css`
      :host {
        display: block;
        width: fit-content;
        max-width: min(34rem, 100%);
        margin: var(--space-2) auto 0;
        pointer-events: auto;
      }
      div {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-3);
        padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
        border: 1px solid var(--line);
        border-radius: var(--radius-l);
        background: var(--surface);
        box-shadow: var(--shadow);
        line-height: 1.35;
      }
      .what {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
      }
    `,
  ];

  readonly #elsewhere = this.watch(({ handoff }) => handoff.elsewhere);
  readonly #player = this.watch(({ playback }) => playback.player);
  readonly #songs = this.watch(({ songs }) => songs.byId);

  override render() {
    const there = this.#elsewhere.value;
    const { song: own, playingOn } = this.#player.value;
    // What was heard here goes on here, unless it is what the other device goes on with.
    if (playingOn && there?.songId !== own?.songId) return this.#displaced(playingOn);
    if (!there) return nothing;
    const song = this.#songs.value.get(there.songId);
    this.app.songs.refresh([there.songId]);
    const title = song && song !== "missing" ? song.title : "a song";
    return html`<div role="status">
      ${icons.device}
      <span class="what"><strong class="clip" title=${title}>${title}</strong> <span class="lines">plays on ${there.deviceName}</span></span>
      <button type="button" class="primary" @click=${once(() => void this.#take())}>Play here</button>
    </div>`;
  }

  /** Another device took this one's slot, and may be one that tells nothing of what it plays. */
  #displaced(playingOn: readonly string[]) {
    return html`<div role="status">
      ${icons.device}
      <span class="lines">Playing on ${namesOf(playingOn)}</span>
      <button type="button" class="primary" @click=${this.app.playback.resume}>Play here</button>
    </div>`;
  }

  async #take(): Promise<void> {
    try {
      await this.app.handoff.takeOver();
    } catch (error) {
      this.app.report(error);
    }
  }
}

/** Browsers of one kind have one name. */
const namesOf = (devices: readonly string[]): string =>
  devices.length > 2 ? `${devices.length} other devices` : [...new Set(devices)].join(" and ");

customElements.define("encore-handoff", EncoreHandoff);
