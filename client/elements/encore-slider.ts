import { css, html, LitElement, type PropertyValues } from "lit";

/**
 * A horizontal slider on the native range input: arrows, Page Up and Down, Home and End work by themselves.
 *
 * @property {string} label accessible name
 * @property {string} text value as it is spoken
 * @property {number} value
 * @property {number} max
 * @property {number} step
 * @property {number} loaded up to where it is buffered
 * @property {boolean} disabled
 * @fires encore-slide while it moves; `detail` is the value
 * @fires encore-slid when it was let go; `detail` is the value
 */
export class EncoreSlider extends LitElement {
  static override properties = {
    label: {},
    text: {},
    value: { type: Number },
    max: { type: Number },
    step: { type: Number },
    loaded: { type: Number },
    disabled: { type: Boolean },
  };
  static override styles = css`
    :host {
      display: block;
      --done: 0%;
      --loaded: 0%;
    }
    input {
      display: block;
      width: 100%;
      height: var(--target);
      margin: 0;
      appearance: none;
      background: transparent;
      cursor: pointer;
    }
    input:focus-visible {
      outline: 3px solid var(--accent);
      outline-offset: -4px;
      border-radius: var(--radius-s);
    }
    input::-webkit-slider-runnable-track {
      height: 4px;
      border-radius: 2px;
      background: linear-gradient(
        to right,
        var(--accent) var(--done),
        var(--line-strong) var(--done) var(--loaded),
        var(--line) var(--loaded)
      );
    }
    input::-moz-range-track {
      height: 4px;
      border-radius: 2px;
      background: linear-gradient(
        to right,
        var(--accent) var(--done),
        var(--line-strong) var(--done) var(--loaded),
        var(--line) var(--loaded)
      );
    }
    input::-webkit-slider-thumb {
      width: 14px;
      height: 14px;
      margin-top: -5px;
      appearance: none;
      border-radius: 50%;
      background: var(--accent);
    }
    input::-moz-range-thumb {
      width: 14px;
      height: 14px;
      border: 0;
      border-radius: 50%;
      background: var(--accent);
    }
    input:disabled {
      opacity: 0.5;
      cursor: default;
    }
    @media (forced-colors: active) {
      input {
        forced-color-adjust: none;
        --accent: Highlight;
        --line-strong: CanvasText;
        --line: CanvasText;
      }
      input:focus-visible {
        outline-color: CanvasText;
      }
    }
  `;

  declare label: string;
  declare text: string;
  declare value: number;
  declare max: number;
  declare step: number;
  declare loaded: number;
  declare disabled: boolean;
  #byPointer = false;
  #moved = false;

  constructor() {
    super();
    this.value = 0;
    this.max = 1;
    this.step = 1;
    this.loaded = 0;
  }

  /** Custom properties by CSSOM: the page's CSP refuses style attributes. */
  protected override updated(_changed: PropertyValues): void {
    const share = (part: number) => `${(100 * Math.min(part, this.max)) / (this.max || 1)}%`;
    this.style.setProperty("--done", share(this.value));
    this.style.setProperty("--loaded", share(Math.max(this.loaded, this.value)));
  }

  override render() {
    return html`<input
      type="range"
      min="0"
      max=${this.max}
      step=${this.step}
      .value=${String(this.value)}
      aria-label=${this.label}
      aria-valuetext=${this.text}
      ?disabled=${this.disabled}
      @pointerdown=${() => {
        this.#byPointer = true;
      }}
      @keydown=${() => {
        this.#byPointer = false;
      }}
      @input=${this.#move}
      @change=${this.#letGo}
      @pointerup=${this.#letGo}
      @pointercancel=${this.#letGo}
      @click=${this.#leave}
    />`;
  }

  #move(event: Event): void {
    this.#moved = true;
    this.#tell("encore-slide", event);
  }

  /** A range that is let go where it was taken tells of no change. */
  #letGo(event: Event): void {
    if (this.#moved) this.#tell("encore-slid", event);
    this.#moved = false;
    if (event.type === "change") this.#leave();
  }

  /** Who moved it by a pointer means their next key for the player, not for the slider. */
  #leave(): void {
    if (this.#byPointer) this.renderRoot.querySelector("input")?.blur();
  }

  #tell(name: string, event: Event): void {
    const detail = (event.target as HTMLInputElement).valueAsNumber;
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("encore-slider", EncoreSlider);
