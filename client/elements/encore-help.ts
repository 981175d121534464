import { css, html } from "lit";
import { shortcutList } from "../shortcuts.ts";
import { EncoreElement } from "./element.ts";

/** A dialog that lists the keys, and switches them off. */
export class EncoreHelp extends EncoreElement {
  static override styles = [
    EncoreElement.styles,
    css`
      dialog {
        width: min(26rem, calc(100vw - 2rem));
        padding: var(--space-5);
        border: 1px solid var(--line);
        border-radius: var(--radius-l);
        background: var(--raised);
        color: var(--text);
        box-shadow: var(--shadow);
      }
      dialog::backdrop {
        background: #00000080;
      }
      form {
        display: grid;
        gap: var(--space-4);
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--space-2) var(--space-4);
        align-items: baseline;
      }
      kbd {
        padding: 0.1em 0.5em;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius-s);
        font: inherit;
        font-size: var(--text-s);
      }
    `,
  ];

  open(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  override render() {
    return html`<dialog aria-labelledby="title">
      <form method="dialog">
        <h2 id="title">Keyboard shortcuts</h2>
        <dl>${shortcutList.map(([keys, does]) => html`<dt><kbd>${keys}</kbd></dt><dd>${does}</dd>`)}</dl>
        <label><input type="checkbox" .checked=${this.app.shortcuts.read()} @change=${this.#switch} /> Use these keys</label>
        <button class="primary">Close</button>
      </form>
    </dialog>`;
  }

  #switch(event: Event): void {
    this.app.shortcuts.write((event.target as HTMLInputElement).checked);
  }
}

customElements.define("encore-help", EncoreHelp);
