import { css, html, type PropertyDeclarations } from "lit";
import type { Song } from "../../core/contract/catalogue.ts";
import type { PatchSubscriptionInput, Subscription } from "../../core/contract/subscriptions.ts";
import { EncoreElement } from "./element.ts";
import "./encore-rating.ts";
import "./encore-tags.ts";
import { icons } from "./icons.ts";

/**
 * What the user noted about a song: rating, tags, pin.
 *
 * @property {Song} song
 * @property {Subscription} subscription
 * @property {readonly string[]} known all tags in use
 */
export class EncoreSubscriptionEditor extends EncoreElement {
  static override properties: PropertyDeclarations = {
    song: { attribute: false },
    subscription: { attribute: false },
    known: { attribute: false },
  };
  static override styles = [
    EncoreElement.styles,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 var(--space-3);
        padding: 0 var(--space-2) var(--space-3) 4.25rem;
      }
      encore-tags {
        min-width: 0;
      }
      encore-rating {
        margin-left: calc(-1 * var(--space-1));
      }
      @media (max-width: 40rem) {
        :host {
          padding-left: 0;
        }
      }
    `,
  ];

  declare song: Song;
  declare subscription: Subscription;
  declare known: readonly string[];

  override render() {
    const { rating, tags, pinned } = this.subscription;
    const { title } = this.song;
    return html`
      <button type="button" class="icon" aria-label="Pin ${title}" aria-pressed=${pinned ? "true" : "false"}
        title=${pinned ? "Unpin" : "Pin"} @click=${() => this.#patch({ pinned: !pinned })}>${icons.pin}</button>
      <encore-rating label=${title} .value=${rating ?? 0}
        @encore-rate=${({ detail }: CustomEvent<number | null>) => this.#patch({ rating: detail })}></encore-rating>
      <encore-tags label=${title} .tags=${tags} .known=${this.known}
        @encore-tags=${({ detail }: CustomEvent<string[]>) => this.#patch({ tags: detail })}></encore-tags>
    `;
  }

  #patch(input: PatchSubscriptionInput): void {
    this.app.sync.change({ op: "patch", songId: this.song.songId, input });
  }
}

customElements.define("encore-subscription-editor", EncoreSubscriptionEditor);
