import { css, html, LitElement } from "lit";
import type { Filter, SortBy } from "../state/listing.ts";
import { controls } from "../styles/controls.ts";

const sorts: readonly (readonly [SortBy, string])[] = [
  ["newest", "Newest first"],
  ["title", "Title"],
  ["artist", "Artist"],
  ["rating", "Best rated"],
];

/**
 * Narrows and orders the subscriptions.
 *
 * @property {Filter} filter
 * @property {readonly string[]} tags tags in use
 * @fires encore-filter `detail` is the new filter
 */
export class EncoreSubscriptionFilter extends LitElement {
  static override properties = { filter: { attribute: false }, tags: { attribute: false } };
  static override styles = [
    controls,
    css`
      form {
        display: grid;
        grid-template-columns: 2fr repeat(3, minmax(0, 1fr));
        gap: var(--space-3);
      }
      @media (max-width: 48rem) {
        form {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
      }
    `,
  ];

  declare filter: Filter;
  declare tags: readonly string[];

  override render() {
    const { text, tag, rating, sort } = this.filter;
    return html`<form role="search" aria-label="My subscriptions" @submit=${(event: Event) => event.preventDefault()}>
      <input type="search" aria-label="Filter my subscriptions" placeholder="Filter" .value=${text}
        @input=${(event: Event) => this.#tell({ text: valueIn(event) })} />
      <select aria-label="Tag" @change=${(event: Event) => this.#tell({ tag: valueIn(event) })}>
        <option value="" ?selected=${tag === ""}>All tags</option>
        ${this.tags.map((name) => html`<option value=${name} ?selected=${name === tag}>${name}</option>`)}
      </select>
      <select aria-label="Rating" @change=${(event: Event) => this.#tell({ rating: Number(valueIn(event)) })}>
        <option value="0" ?selected=${rating === 0}>Any rating</option>
        ${[5, 4, 3, 2, 1].map((stars) => html`<option value=${stars} ?selected=${stars === rating}>${stars}${stars < 5 ? " or more" : ""} ${stars === 1 ? "star" : "stars"}</option>`)}
      </select>
      <select aria-label="Sort by" @change=${(event: Event) => this.#tell({ sort: valueIn(event) as SortBy })}>
        ${sorts.map(([name, title]) => html`<option value=${name} ?selected=${name === sort}>${title}</option>`)}
      </select>
    </form>`;
  }

  #tell(change: Partial<Filter>): void {
    this.dispatchEvent(new CustomEvent("encore-filter", { detail: { ...this.filter, ...change } }));
  }
}

const valueIn = (event: Event): string => (event.target as HTMLInputElement | HTMLSelectElement).value;

customElements.define("encore-subscription-filter", EncoreSubscriptionFilter);
