import { css, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Toast } from "../state/toasts.ts";
import { EncoreElement } from "./element.ts";
import { icons } from "./icons.ts";

/** Short messages, read out politely. */
export class EncoreToasts extends EncoreElement {
  static override styles = [
    EncoreElement.styles,
    css`
      ol {
        display: grid;
        gap: var(--space-2);
        grid-template-columns: minmax(0, 1fr);
        justify-items: center;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: flex-end;
        column-gap: var(--space-2);
        width: fit-content;
        max-width: min(34rem, 100%);
        padding: var(--space-1) var(--space-1) var(--space-1) var(--space-4);
        border: 1px solid var(--line);
        border-radius: var(--radius-m);
        background: var(--raised);
        box-shadow: var(--shadow);
        font-size: var(--text-s);
        pointer-events: auto;
      }
      li.problem {
        border-left: 4px solid var(--bad);
      }
      li span {
        flex: 1 1 min(14rem, calc(100% - 3.5rem));
        max-height: 40dvh;
        padding-block: var(--space-1);
        overflow: auto;
      }
      button.action {
        color: var(--accent);
      }
    `,
  ];

  readonly #items = this.watch(({ toasts }) => toasts.items);

  override render() {
    return html`<div role="log" aria-live="polite" aria-relevant="additions" aria-label="Messages">
      <ol>
        ${repeat(this.#items.value, ({ id }) => id, this.#toast)}
      </ol>
    </div>`;
  }

  readonly #toast = ({ id, text, tone, action }: Toast) => {
    const dismiss = () => this.app.toasts.dismiss(id);
    const act = () => {
      dismiss();
      action?.run();
    };
    return html`<li class=${tone}>
      <span>${text}</span>
      ${action ? html`<button type="button" class="plain action" @click=${act}>${action.label}</button>` : nothing}
      <button type="button" class="icon" aria-label="Dismiss" @click=${dismiss}>${icons.close}</button>
    </li>`;
  };
}

customElements.define("encore-toasts", EncoreToasts);
