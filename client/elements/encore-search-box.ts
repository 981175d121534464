import { css, html, LitElement } from "lit";
import { maxQueryLength } from "../../core/contract/catalogue.ts";
import { cutText } from "../../core/domain/shared/text.ts";
import { controls } from "../styles/controls.ts";
import { icons } from "./icons.ts";

const settlesAfterMs = 150;

/**
 * As-you-type search.
 *
 * @property {string} value
 * @fires encore-search `detail` is the text as it is searched, when typing rests a moment
 */
export class EncoreSearchBox extends LitElement {
  static override properties = { value: {} };
  static override styles = [
    controls,
    css`
      form {
        position: relative;
        max-width: 34rem;
      }
      svg {
        position: absolute;
        top: calc(50% - 0.625rem);
        left: var(--space-4);
        color: var(--muted);
        pointer-events: none;
      }
      input:not([type="x"]) {
        min-height: 3rem;
        padding-left: 3rem;
        border-color: transparent;
        border-radius: var(--round);
        background: var(--surface);
        box-shadow: 0 0 0 1px var(--line-strong);
      }
    `,
  ];

  declare value: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.value = "";
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  override focus(): void {
    this.renderRoot.querySelector("input")?.select();
  }

  override render() {
    return html`<form role="search" @submit=${this.#submit}>
      ${icons.search}
      <input
        type="search"
        aria-label="Search songs, artists and albums"
        placeholder="Search songs, artists, albums"
        autocomplete="off"
        spellcheck="false"
        enterkeyhint="search"
        .value=${this.value}
        @input=${this.#settle}
      />
    </form>`;
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), settlesAfterMs);
  }

  #submit(event: Event): void {
    event.preventDefault();
    clearTimeout(this.#timer);
    this.#tell();
  }

  #tell(): void {
    const text = this.renderRoot.querySelector("input")?.value ?? "";
    const detail = cutText(text.trim(), maxQueryLength);
    this.dispatchEvent(new CustomEvent("encore-search", { detail }));
  }
}

customElements.define("encore-search-box", EncoreSearchBox);
