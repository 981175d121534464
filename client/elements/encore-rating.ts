import { css, html, LitElement, nothing } from "lit";
import { controls } from "../styles/controls.ts";
import { icons } from "./icons.ts";

/**
 * One to five stars, as a group of radio buttons.
 *
 * @property {string} label what is rated
 * @property {number} value 0 when there is no rating
 * @fires encore-rate `detail` is 1 to 5, or null when the rating is taken away
 */
export class EncoreRating extends LitElement {
  static override properties = { label: {}, value: { type: Number } };
  static override styles = [
    controls,
    css`
      fieldset {
        display: flex;
        align-items: center;
      }
      label {
        display: grid;
        place-items: center;
        width: var(--target);
        height: var(--target);
        border-radius: var(--radius-s);
        color: var(--line-strong);
        cursor: pointer;
      }
      @media (pointer: fine) {
        label {
          width: 1.75rem;
        }
      }
      label:not(.on) svg {
        fill: none;
        stroke: currentColor;
        stroke-width: 1.6;
      }
      label.on {
        color: var(--accent);
      }
      label:has(:focus-visible) {
        outline: 3px solid var(--accent);
      }
    `,
  ];

  declare label: string;
  declare value: number;

  override render() {
    return html`
      <fieldset>
        <legend class="visually-hidden">Rating of ${this.label}</legend>
        ${[1, 2, 3, 4, 5].map((stars) => this.#star(stars))} ${this.value ? this.#clear() : nothing}
      </fieldset>
    `;
  }

  #star(stars: number) {
    return html`<label class=${stars <= this.value ? "on" : ""}>
      <input
        class="visually-hidden"
        type="radio"
        name="rating"
        .checked=${stars === this.value}
        aria-label=${stars === 1 ? "1 star" : `${stars} stars`}
        @change=${() => this.#rate(stars)}
      />
      ${icons.star}
    </label>`;
  }

  #clear() {
    const name = `Clear the rating of ${this.label}`;
    return html`<button type="button" class="icon" aria-label=${name} title="Clear" @click=${() => this.#rate(null)}>
      ${icons.close}
    </button>`;
  }

  #rate(detail: number | null): void {
    this.dispatchEvent(new CustomEvent("encore-rate", { detail }));
  }
}

customElements.define("encore-rating", EncoreRating);
