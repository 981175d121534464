import { css, html, LitElement, nothing } from "lit";
import { controls } from "../styles/controls.ts";
import { icons } from "./icons.ts";

const atMost = 20;
const longest = 40;

/**
 * Tags that can be added and removed.
 *
 * @property {string} label what is tagged
 * @property {readonly string[]} tags
 * @property {readonly string[]} known tags used elsewhere, offered while typing
 * @fires encore-tags `detail` is the new list
 */
export class EncoreTags extends LitElement {
  static override properties = {
    label: {},
    tags: { attribute: false },
    known: { attribute: false },
  };
  static override styles = [
    controls,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-1) var(--space-2);
      }
      ul {
        display: contents;
      }
      li span {
        min-width: 0;
      }
      li {
        display: inline-flex;
        align-items: center;
        max-width: 100%;
        border-radius: var(--round);
        background: var(--accent-soft);
        font-size: var(--text-s);
        padding-left: var(--space-3);
      }
      li button {
        width: 1.9rem;
        min-height: 1.9rem;
      }
      li svg {
        width: 0.9rem;
        height: 0.9rem;
      }
      input:not([type="x"]) {
        width: 7.5rem;
        min-height: 2rem;
        border-color: var(--line);
        border-radius: var(--round);
        background: transparent;
        font-size: var(--text-s);
      }
      @media (pointer: coarse) {
        li button,
        input:not([type="x"]) {
          min-height: var(--target);
        }
        li button {
          width: var(--target);
        }
        input:not([type="x"]) {
          font-size: 16px;
        }
      }
    `,
  ];

  declare label: string;
  declare tags: readonly string[];
  declare known: readonly string[];

  override render() {
    return html`
      <div>
        ${this.tags.length ? html`<ul aria-label="Tags of ${this.label}">${this.tags.map(this.#chip)}</ul>` : nothing}
        ${this.tags.length < atMost ? this.#field() : nothing}
      </div>
    `;
  }

  readonly #chip = (tag: string) => html`<li>
    <span class="clip" title=${tag}>${tag}</span>
    <button type="button" class="icon" aria-label="Remove tag ${tag} from ${this.label}" @click=${() => this.#remove(tag)}>
      ${icons.close}
    </button>
  </li>`;

  #field() {
    return html`<input
        type="text"
        list="known"
        maxlength=${longest}
        placeholder="Add tag"
        aria-label="Add a tag to ${this.label}"
        autocomplete="off"
        enterkeyhint="done"
        @keydown=${this.#onKey}
        @change=${this.#add}
      />
      <datalist id="known">${this.known.filter((tag) => !this.tags.includes(tag)).map((tag) => html`<option value=${tag}></option>`)}</datalist>`;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === "Enter" || event.key === ",") {
      event.preventDefault();
      this.#add(event);
    }
  }

  #add(event: Event): void {
    const input = event.target as HTMLInputElement;
    const tag = input.value.trim();
    input.value = "";
    if (tag && !this.tags.includes(tag)) this.#tell([...this.tags, tag]);
  }

  #remove(tag: string): void {
    this.#tell(this.tags.filter((other) => other !== tag));
    this.renderRoot.querySelector("input")?.focus();
  }

  #tell(detail: readonly string[]): void {
    this.dispatchEvent(new CustomEvent("encore-tags", { detail }));
  }
}

customElements.define("encore-tags", EncoreTags);
