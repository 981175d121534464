import { css, html } from "lit";
import type { LiveState } from "../live/state.ts";
import { EncoreElement } from "./element.ts";

/**
 * Says in words (and by a dot) whether changes of other devices arrive at once.
 *
 * @csspart dot
 */
export class EncoreLiveIndicator extends EncoreElement {
  static override styles = [
    EncoreElement.styles,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        color: var(--muted);
        font-size: var(--text-s);
        --dot: var(--warn);
      }
      :host([data-live="live"]) {
        --dot: var(--good);
      }
      :host([data-live="offline"]),
      :host([data-live="stopped"]) {
        --dot: var(--bad);
      }
      .dot {
        width: 0.55rem;
        height: 0.55rem;
        border-radius: 50%;
        border: 1px solid transparent;
        background: var(--dot);
      }
    `,
  ];

  readonly #state = this.watch(({ sync }) => sync.state);
  readonly #onLine = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("online", this.#onLine);
    addEventListener("offline", this.#onLine);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("online", this.#onLine);
    removeEventListener("offline", this.#onLine);
  }

  protected override updated(): void {
    this.dataset.live = this.#look();
  }

  override render() {
    const [text, title] = describe(this.#state.value, this.#look());
    return html`<span class="dot" part="dot"></span><span role="status" title=${title}>${text}</span>`;
  }

  #look(): string {
    const { kind } = this.#state.value;
    return kind !== "live" && !navigator.onLine ? "offline" : kind;
  }
}

function describe(state: LiveState, look: string): [text: string, title: string] {
  if (state.kind === "live")
    return state.transport === "node"
      ? ["Live", "Changes arrive at once, by a streaming node"]
      : ["Live (gateway)", "Changes arrive at once, by the gateway"];
  if (look === "offline") return ["Offline", "Changes are sent when you are back"];
  if (state.kind === "stopped" && state.reason === "unsupported")
    return ["Reload this page", "This page is older than the server: reload it to stay in step"];
  if (state.kind === "stopped") return ["Not connected", "No live connection"];
  return state.kind === "connecting" && state.attempt === 0
    ? ["Connecting…", "Opening the live connection"]
    : ["Reconnecting…", "The live connection was lost; it will be back by itself"];
}

customElements.define("encore-live-indicator", EncoreLiveIndicator);
