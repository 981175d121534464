import { css, html, type PropertyDeclarations } from "lit";
import type { Song } from "../../core/contract/catalogue.ts";
import { select } from "../state/store.ts";
import { EncoreElement } from "./element.ts";
import { icons } from "./icons.ts";

/**
 * Subscribes to a song or takes it off the list; shows the outcome at once.
 *
 * @property {Song} song
 * @property {boolean} wide with its word beside the heart
 */
export class EncoreSubscribeButton extends EncoreElement {
  static override properties: PropertyDeclarations = { song: { attribute: false }, wide: { type: Boolean } };
  static override styles = [
    EncoreElement.styles,
    css`
      :host {
        display: inline-block;
      }
      button[aria-pressed="true"]:not(.icon) {
        color: var(--accent);
      }
    `,
  ];

  declare song: Song;
  declare wide: boolean;

  readonly #subscribed = this.watch(({ sync }) =>
    select(sync.subscriptions, (all) => all?.has(this.song.songId)),
  );

  override render() {
    const subscribed = this.#subscribed.value;
    return html`<button
      type="button"
      class=${this.wide ? "" : "icon"}
      aria-label="Subscribe to ${this.song.title}"
      aria-pressed=${subscribed ? "true" : "false"}
      title=${subscribed ? "Unsubscribe" : "Subscribe"}
      ?disabled=${subscribed === undefined}
      @click=${this.#toggle}
    >
      ${subscribed ? icons.heartFull : icons.heart}
      ${this.wide ? (subscribed ? "Subscribed" : "Subscribe") : ""}
    </button>`;
  }

  #toggle(): void {
    if (this.#subscribed.value) this.app.unsubscribe(this.song);
    else this.app.subscribe(this.song);
  }
}

customElements.define("encore-subscribe-button", EncoreSubscribeButton);
