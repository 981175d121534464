import { css, html, LitElement } from "lit";
import { controls } from "../styles/controls.ts";

/**
 * The end of a list that goes on: asks for more when it comes into view, and by its button.
 *
 * @property {boolean} busy more is on its way
 * @fires encore-more
 */
export class EncoreMore extends LitElement {
  static override properties = { busy: { type: Boolean } };
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        place-items: center;
        padding: var(--space-4);
      }
    `,
  ];

  declare busy: boolean;
  readonly #observer = new IntersectionObserver(
    (entries) => entries.some(({ isIntersecting }) => isIntersecting) && this.#ask(),
    { rootMargin: "600px" },
  );

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  /** Observing anew tells whether the end is still in view after a page that was short. */
  protected override updated(): void {
    if (this.busy) return;
    this.#observer.unobserve(this);
    this.#observer.observe(this);
  }

  override render() {
    return html`<button type="button" ?disabled=${this.busy} @click=${this.#ask}>
      ${this.busy ? "Loading…" : "Show more"}
    </button>`;
  }

  #ask(): void {
    if (!this.busy) this.dispatchEvent(new CustomEvent("encore-more"));
  }
}

customElements.define("encore-more", EncoreMore);
